// The worker: what the house owes to its cases, one thing at a time. What fails for a case is in trouble (troubles.h) and holds
// up no other; one kind of work never waits until another is done.
#include <array>

#include "casework/case_repository.h"
#include "casework/casework.h"
#include "casework/detail/case_hosts.h"
#include "casework/detail/work.h"

namespace madang::casework {
namespace {

constexpr auto kIdle = std::chrono::milliseconds(500);
// However many cases come in, what is due by the clock is looked at after so many jobs.
constexpr int kJobsInARow = 16;

}  // namespace

Result<bool> Casework::work_once() {
    const Instant now = parts_.clock.now();
    if (jobs_in_a_row_ < kJobsInARow) {
        TRY(const bool done, do_a_job(now));
        if (done) {
            ++jobs_in_a_row_;
            return true;
        }
    }
    jobs_in_a_row_ = 0;
    TRY(const bool other, do_other_work(now));
    return other ? Result<bool>(true) : do_a_job(now);
}

Result<bool> Casework::do_other_work(Instant now) {
    // A day off that was declared meanwhile moves a date before what the law lets follow from it.
    TRY(const bool counted, terms_.follow_calendars(parts_.pack.government.time_zone().date(now)));
    if (counted) return true;
    TRY(const bool ended, terms_.work_once(now));
    TRY(const bool waited, letters_.work_once(now));
    TRY(const bool drawn, decisions_.work_once(now));
    TRY(const bool silent, consultations_.work_once(now));
    TRY(const bool unpaid, fees_.work_once(now));
    if (ended || waited || drawn || silent || unpaid) return true;
    CaseHosts hosts(*this);
    return parts_.engine.work_once(parts_.store, hosts);
}

Result<bool> Casework::do_a_job(Instant now) {
    TRY(const auto job, parts_.store.read<std::optional<Job>>([&](store::Reader& reader) { return next_job(reader, now); }));
    if (!job) return false;
    if (const auto worked = work_on(*job); !worked) TRY_DO(troubles_.failed({job->body, job->case_id, Work::job, 0}, worked.error()));
    worker_->one_finished();
    return true;
}

Result<void> Casework::work_on(const Job& job) {
    const auto now = [&] { return parts_.store.read<std::optional<CaseRow>>([&](store::Reader& reader) { return find_case_row(reader, job.body, job.case_id); }); };
    TRY(const auto row, now());
    if (!row) return fail(Code::not_found, "the case of this job is not there");
    if (row->instance.empty() && row->summary.status == Status::received) TRY_DO(begin_process(job));
    else if (row->summary.status == Status::granted && job.what == kCarryOutGrant) TRY_DO(carry_out_grant(job));
    TRY(const auto moved, now());
    if (moved->summary.status == Status::granted) return issue_certificate(job);
    // Nothing is owed to it any more, whatever took it away meanwhile.
    TRY(const bool owed, parts_.store.read<bool>([&](store::Reader& reader) { return has_job(reader, job.case_id); }));
    if (!owed || moved->summary.status == Status::received) return {};
    return parts_.store.write([&](store::Tx& tx) { return remove_job(tx, job.body, job.case_id); });
}

void Casework::start_worker() {
    worker_->thread = std::thread([this] { work_until_stopped(); });
}

void Casework::stop_worker() {
    {
        const std::lock_guard lock(worker_->mutex);
        worker_->stopping = true;
        worker_->changed.notify_all();
    }
    if (worker_->thread.joinable()) worker_->thread.join();
}

void Casework::work_until_stopped() {
    std::uint64_t seen = 0;
    for (;;) {
        const auto worked = work_once();
        if (!worked) parts_.log.error("the worker of casework cannot reach its jobs", {{"reason", worked.error().message}});
        std::unique_lock lock(worker_->mutex);
        if (worker_->stopping) return;
        if (worked.value_or(false)) continue;
        worker_->changed.wait_for(lock, kIdle, [&] { return worker_->stopping || worker_->wakes != seen; });
        seen = worker_->wakes;
    }
}

void Casework::wait_for(const CaseId& id, std::chrono::milliseconds at_most) {
    const auto end = std::chrono::steady_clock::now() + at_most;
    std::unique_lock lock(worker_->mutex);
    for (;;) {
        const std::uint64_t finished = worker_->finished;
        lock.unlock();
        const auto owed = parts_.store.read<bool>([&](store::Reader& reader) { return has_job(reader, id); });
        lock.lock();
        if (!owed.value_or(false)) return;
        if (!worker_->changed.wait_until(lock, end, [&] { return worker_->finished != finished; })) return;
    }
}

}  // namespace madang::casework
