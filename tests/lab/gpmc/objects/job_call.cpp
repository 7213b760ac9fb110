// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/job_call.h"

#include "com/variants.h"
#include "store/call_log.h"
#include "store/domain_store.h"

namespace gpmc {

namespace {

class AsyncCancel : public Dispatch<IGPMAsyncCancel> {
public:
    explicit AsyncCancel(JobPtr job) : job_(std::move(job)) {}

    STDMETHODIMP Cancel() override {
        return guarded([&] {
            called("IGPMAsyncCancel::Cancel");
            job_->cancel();
        });
    }

private:
    JobPtr job_;
};

// A job that runs on its own thread and tells the client's progress object how far it is.
class AsyncRun {
public:
    AsyncRun(JobPtr job, ResultMaker resultOf, IGPMAsyncProgress *progress)
        : job_(std::move(job)), resultOf_(std::move(resultOf)) {
        // The client's object may belong to the client's apartment; the thread gets its own pointer from this stream.
        const HRESULT hresult = CoMarshalInterThreadInterfaceInStream(__uuidof(IGPMAsyncProgress), progress,
                                                                      stream_.put());
        if (FAILED(hresult)) {
            throw HResultError(hresult);
        }
    }

    static void start(std::unique_ptr<AsyncRun> run) {
        HANDLE thread = CreateThread(nullptr, 0, &AsyncRun::threadMain, run.get(), 0, nullptr);
        if (!thread) {
            throwLastError();
        }
        // The thread owns it now.
        (void)run.release();
        CloseHandle(thread);
    }

private:
    static DWORD WINAPI threadMain(void *parameter) {
        CoInitializeEx(nullptr, COINIT_MULTITHREADED);
        {
            std::unique_ptr<AsyncRun> run(static_cast<AsyncRun *>(parameter));
            guarded([&] { run->run(); });
        }
        CoUninitialize();
        return 0;
    }

    void run() {
        const HRESULT hresult = CoGetInterfaceAndReleaseStream(
            stream_.detach(), __uuidof(IGPMAsyncProgress), reinterpret_cast<void **>(progress_.put()));
        if (FAILED(hresult)) {
            throw HResultError(hresult);
        }
        JobOutcome outcome;
        const HRESULT failure = guarded([&] {
            outcome = job_->run([this](long numerator, long denominator) { report(numerator, denominator); });
        });
        if (FAILED(failure)) {
            outcome.overall = failure;
        }
        finish(outcome, SUCCEEDED(failure));
    }

    void report(long numerator, long denominator) {
        denominator_ = denominator;
        VARIANT nothing;
        VariantInit(&nothing);
        progress_->Status(numerator, denominator, S_OK, end_ == "null" ? nullptr : &nothing, nullptr);
    }

    // The last call: numerator and denominator are equal, and only now there is a result; or how the domain says it is.
    void finish(const JobOutcome &outcome, bool hasRun) {
        VARIANT result;
        VariantInit(&result);
        if (hasRun) {
            resultToVariant(resultOf_(), &result);
        }
        ComPtr<IGPMStatusMsgCollection> messages;
        if (!outcome.messages.empty()) {
            messages = ComPtr<IGPMStatusMsgCollection>::adopt(makeMessages(outcome.messages));
        }
        VARIANT nothing;
        VariantInit(&nothing);
        VARIANT *none = end_ == "null" ? nullptr : &nothing;
        if (end_ == "late" && SUCCEEDED(outcome.overall)) {
            progress_->Status(denominator_, denominator_, outcome.overall, none, nullptr);
            Sleep(kLate);
        }
        const bool isEarly = end_ == "early" && FAILED(outcome.overall);
        progress_->Status(isEarly ? denominator_ - 1 : denominator_, denominator_, outcome.overall,
                          V_VT(&result) == VT_EMPTY ? none : &result, messages.get());
        VariantClear(&result);
    }

    // Milliseconds between the end and its result.
    static constexpr DWORD kLate = 500;

    JobPtr job_;
    ResultMaker resultOf_;
    const std::string end_ = readDomain().asyncEnd;
    ComPtr<IStream> stream_;
    ComPtr<IGPMAsyncProgress> progress_;
    long denominator_ = 1;
};

ComPtr<IGPMAsyncProgress> progressOf(const VARIANT *argument) {
    ComPtr<IGPMAsyncProgress> progress;
    if (isMissing(argument)) {
        return progress;
    }
    IUnknown *object = objectOf(argument);
    if (!object) {
        throw HResultError(E_INVALIDARG);
    }
    const HRESULT hresult =
        object->QueryInterface(__uuidof(IGPMAsyncProgress), reinterpret_cast<void **>(progress.put()));
    if (FAILED(hresult)) {
        throw HResultError(hresult);
    }
    return progress;
}

// Whether the caller gave a variable to put the cancel object into.
bool isVariable(const VARIANT *argument) {
    return argument && V_VT(argument) != VT_ERROR;
}

}  // namespace

void runJob(const JobPtr &job, const ResultMaker &resultOf, VARIANT *progress, VARIANT *cancel, IGPMResult **result) {
    const ComPtr<IGPMAsyncProgress> client = progressOf(progress);
    job->prepare();
    if (!client) {
        const JobOutcome outcome = job->run([](long, long) {});
        *result = new ResultObject(outcome.overall, outcome.messages, resultOf());
        return;
    }
    auto run = std::make_unique<AsyncRun>(job, resultOf, client.get());
    if (isVariable(cancel)) {
        const auto object = make<AsyncCancel>(job);
        returnObject(cancel, object.get());
    }
    AsyncRun::start(std::move(run));
}

}  // namespace gpmc
