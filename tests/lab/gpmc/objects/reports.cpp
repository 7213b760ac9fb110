// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/reports.h"

#include "backup/report.h"
#include "store/files.h"
#include "store/text_file.h"

namespace gpmc {

namespace {

class ReportJob : public Job {
public:
    ReportJob(ReportSource source, GPMReportType type) : source_(std::move(source)), type_(type) {}

    void prepare() override {
        if (type_ != repXML && type_ != repHTML) {
            throw HResultError(E_INVALIDARG);
        }
    }

    JobOutcome run(const Progress &progress) override {
        constexpr long kSteps = 2;
        throwIfCancelled();
        const std::wstring xml = source_();
        progress(1, kSteps);
        report_ = type_ == repHTML ? reportHtml(xml) : xml;
        return {};
    }

    const std::wstring &report() const { return report_; }

private:
    ReportSource source_;
    GPMReportType type_;
    std::wstring report_;
};

}  // namespace

void generateReport(ReportSource source, GPMReportType type, VARIANT *progress, VARIANT *cancel, IGPMResult **result) {
    const auto job = std::make_shared<ReportJob>(std::move(source), type);
    runJob(job, [job] { return ResultValue(job->report()); }, progress, cancel, result);
}

void generateReportToFile(const ReportSource &source, GPMReportType type, const std::wstring &path,
                          IGPMResult **result) {
    ReportJob job(source, type);
    if (path.empty()) {
        throw HResultError(E_INVALIDARG);
    }
    job.prepare();
    const JobOutcome outcome = job.run([](long, long) {});
    writeFile(path, utf16File(job.report()));
    *result = new ResultObject(outcome.overall, outcome.messages, {});
}

}  // namespace gpmc
