// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/backup_call.h"

#include <memory>

#include "com/variants.h"
#include "objects/backup_dir.h"
#include "objects/result.h"
#include "store/call_log.h"

namespace gpmc {

namespace {

// GPMC keeps the comment in an attribute of this size, as far as is known.
constexpr size_t kLongestComment = 2047;

using JobPtr = std::shared_ptr<BackupJob>;

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

ComPtr<IDispatch> backupObject(const BackupRequest &request, const BackupOutcome &outcome) {
    if (!outcome.backup) {
        return {};
    }
    return ComPtr<IDispatch>::adopt(new BackupObject(request.directory, *outcome.backup));
}

// A backup that runs on its own thread and tells the client's progress object how far it is.
class AsyncRun {
public:
    AsyncRun(BackupRequest request, JobPtr job, IGPMAsyncProgress *progress)
        : request_(std::move(request)), job_(std::move(job)) {
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
        BackupOutcome outcome;
        const HRESULT failure = guarded([&] {
            outcome = job_->run([this](long numerator, long denominator) { report(numerator, denominator); });
        });
        if (FAILED(failure)) {
            outcome.overall = failure;
        }
        finish(outcome);
    }

    void report(long numerator, long denominator) {
        denominator_ = denominator;
        VARIANT nothing;
        VariantInit(&nothing);
        progress_->Status(numerator, denominator, S_OK, &nothing, nullptr);
    }

    // The last call: numerator and denominator are equal, and only now there is a result.
    void finish(const BackupOutcome &outcome) {
        ComPtr<IDispatch> backup = backupObject(request_, outcome);
        VARIANT result;
        VariantInit(&result);
        if (backup) {
            V_VT(&result) = VT_DISPATCH;
            V_DISPATCH(&result) = backup.get();
        }
        ComPtr<IGPMStatusMsgCollection> messages;
        if (!outcome.messages.empty()) {
            messages = ComPtr<IGPMStatusMsgCollection>::adopt(makeMessages(outcome.messages));
        }
        progress_->Status(denominator_, denominator_, outcome.overall, &result, messages.get());
    }

    BackupRequest request_;
    JobPtr job_;
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

void backUp(BackupRequest request, VARIANT *progress, VARIANT *cancel, IGPMResult **result) {
    if (request.directory.empty() || request.comment.size() > kLongestComment) {
        throw HResultError(E_INVALIDARG);
    }
    const ComPtr<IGPMAsyncProgress> client = progressOf(progress);
    auto job = std::make_shared<BackupJob>(request);
    job->prepare();
    if (!client) {
        const BackupOutcome outcome = job->run([](long, long) {});
        *result = new ResultObject(outcome.overall, outcome.messages, backupObject(request, outcome));
        return;
    }
    auto run = std::make_unique<AsyncRun>(request, job, client.get());
    if (isVariable(cancel)) {
        const auto object = make<AsyncCancel>(job);
        returnObject(cancel, object.get());
    }
    AsyncRun::start(std::move(run));
}

}  // namespace gpmc
