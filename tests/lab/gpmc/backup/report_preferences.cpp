// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/report_settings.h"
#include "backup/xml_reader.h"

namespace gpmc {

namespace {

// Elements of the file keep their names and attributes. Genuine reports add to an item its number among those around it,
// and its filters even where there are none.
class PreferencesWriter {
public:
    PreferencesWriter(ReportWriter &report, const std::wstring &q) : report_(report), q_(q) {}

    void write(const XmlElement &element, const std::wstring &name, int number) {
        const bool item = number && element.attributes.count(L"clsid");
        const bool values = element.name == L"Properties" && element.attributes.count(L"hive");
        const std::wstring tag = q_ + L":" + name;
        if (!item && !values && element.children.empty()) {
            if (element.text.empty()) {
                report_.line(L"<" + tag + attributes(element) + L" />");
            } else {
                report_.element(tag, element.text, attributes(element));
            }
            return;
        }
        report_.open(tag, attributes(element));
        if (item) {
            report_.element(q_ + L":GPOSettingOrder", std::to_wstring(number));
        }
        int inner = 0;
        for (const XmlElement &child : element.children) {
            inner += static_cast<int>(child.attributes.count(L"clsid"));
            write(child, child.name, inner);
        }
        if (values && !element.child(L"Values")) {
            report_.line(L"<" + q_ + L":Values />");
        }
        if (item && !element.child(L"Filters")) {
            report_.line(L"<" + q_ + L":Filters />");
        }
        report_.close(tag);
    }

private:
    static std::wstring attributes(const XmlElement &element) {
        std::wstring text;
        for (const auto &[name, value] : element.attributes) {
            text += L" " + name + L"=\"" + xmlAttribute(value) + L"\"";
        }
        return text;
    }

    ReportWriter &report_;
    const std::wstring &q_;
};

}  // namespace

void writePreferences(ReportWriter &report, const std::string &file, const std::wstring &root, const std::wstring &q) {
    PreferencesWriter(report, q).write(parseXml(file), root, 0);
}

}  // namespace gpmc
