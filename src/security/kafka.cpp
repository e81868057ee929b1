#include "security/kafka.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <optional>

#include "base/text.h"

namespace madang::security {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatchMessages = 5000;
constexpr std::size_t kBatchBytes = 4U << 20;
constexpr std::size_t kTellAtOnce = 1000;          // messages: so many are not left to the clock
constexpr auto kFirstMessage = 500ms;             // of a batch is waited for this long
constexpr auto kMoreMessages = 20ms;              // … and the next one so long
constexpr auto kAgain = 1000ms;                   // where a batch cannot be kept
constexpr auto kProbe = 1000ms;                   // for an answer of any broker
constexpr auto kDelivery = std::chrono::seconds(10);
constexpr std::size_t kAroundLine = 2048;         // bytes of a message for its key, headers and frame
constexpr const char* kFormatHeader = "madang-format";
constexpr const char* kSourceHeader = "madang-source";

using Setting = std::pair<const char*, std::string>;
struct FreeKafka {
    void operator()(rd_kafka_conf_t* p) const { rd_kafka_conf_destroy(p); }
    void operator()(rd_kafka_topic_partition_list_t* p) const { rd_kafka_topic_partition_list_destroy(p); }
    void operator()(rd_kafka_message_t* p) const { rd_kafka_message_destroy(p); }
    void operator()(rd_kafka_headers_t* p) const { rd_kafka_headers_destroy(p); }
};
using Message = std::unique_ptr<rd_kafka_message_t, FreeKafka>;

// The records of one append that are under way.
struct Delivery {
    std::mutex mutex;
    std::condition_variable done;
    std::size_t outstanding = 0;
    rd_kafka_resp_err_t first = RD_KAFKA_RESP_ERR_NO_ERROR;

    void end_one(rd_kafka_resp_err_t error) {
        const std::lock_guard lock(mutex);
        if (first == RD_KAFKA_RESP_ERR_NO_ERROR) first = error;
        if (--outstanding == 0) done.notify_all();   // under the lock: the other side takes this object away
    }
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) { static_cast<Delivery*>(message->_private)->end_one(message->err); }

}  // namespace

struct KafkaClient {
    Log& log;
    rd_kafka_t* handle = nullptr;
    std::atomic<bool> reachable = false, broken = false;
    std::atomic<bool> told = false;  // that it cannot be reached
    std::atomic<std::uint64_t> errors = 0;
    std::jthread poller;             // of a producer

    explicit KafkaClient(Log& to) : log(to) {}
    KafkaClient(const KafkaClient&) = delete;
    KafkaClient& operator=(const KafkaClient&) = delete;
    ~KafkaClient() {
        if (handle == nullptr) return;
        poller = {};
        rd_kafka_destroy(handle);
    }

    static Result<std::unique_ptr<KafkaClient>> make(rd_kafka_type_t type, const KafkaSettings& settings, std::vector<Setting> defaults, const std::vector<Setting>& own, Log& log);
    void have_answer() {
        if (reachable.exchange(true)) return;
        told = false;
        log.info("Kafka is reached", {{"client", rd_kafka_name(handle)}});
    }
    // Where the brokers were not reached, whether one answers now.
    void probe() {
        if (reachable) return;
        const struct rd_kafka_metadata* about = nullptr;
        if (rd_kafka_metadata(handle, 0, nullptr, &about, static_cast<int>(kProbe.count())) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
        rd_kafka_metadata_destroy(about);
        have_answer();
    }
    void count_error(rd_kafka_resp_err_t error, std::string_view what) {
        ++errors;
        if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
            reachable = false;
            if (!told.exchange(true)) log.warning("Kafka cannot be reached", {{"reason", std::string(what)}});
        } else if (error != RD_KAFKA_RESP_ERR__TRANSPORT) {
            log.warning("Kafka reports an error", {{"reason", std::string(what)}});
        }
    }
};

namespace {

KafkaClient& client_of(void* opaque) { return *static_cast<KafkaClient*>(opaque); }

void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
    const auto error = static_cast<rd_kafka_resp_err_t>(code);
    if (error == RD_KAFKA_RESP_ERR__FATAL) client_of(opaque).broken = true;
    client_of(opaque).count_error(error, reason);
}

// librdkafka's own words, which say more about a way that cannot be gone; it repeats none of them for half a minute.
void on_log(const rd_kafka_t* handle, int level, const char*, const char* text) {
    if (level <= 4) client_of(rd_kafka_opaque(handle)).log.warning("Kafka", {{"client", rd_kafka_name(handle)}, {"says", text}});
}

void on_commit(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t*, void* opaque) {
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) client_of(opaque).have_answer();
    else if (error != RD_KAFKA_RESP_ERR__NO_OFFSET) client_of(opaque).count_error(error, format("the group's place cannot be told: {}", rd_kafka_err2str(error)));
}

Result<void> set(rd_kafka_conf_t* conf, const char* name, const std::string& value, std::string_view where) {
    std::array<char, 512> reason{};
    if (rd_kafka_conf_set(conf, name, value.c_str(), reason.data(), reason.size()) == RD_KAFKA_CONF_OK) return {};
    return fail(Code::invalid, format("{}{}", where, reason.data()));
}

}  // namespace

Result<std::unique_ptr<KafkaClient>> KafkaClient::make(rd_kafka_type_t type, const KafkaSettings& settings, std::vector<Setting> defaults, const std::vector<Setting>& own, Log& log) {
    auto made = std::make_unique<KafkaClient>(log);
    std::unique_ptr<rd_kafka_conf_t, FreeKafka> conf(rd_kafka_conf_new());
    defaults.emplace_back("client.id", "madang");
    defaults.emplace_back("reconnect.backoff.max.ms", "5000");
    for (const auto& [name, value] : defaults) TRY_DO(set(conf.get(), name, value, ""));
    for (const KafkaProperty& one : settings.properties) TRY_DO(set(conf.get(), one.name.c_str(), one.value, one.where + ": "));
    TRY_DO(set(conf.get(), "bootstrap.servers", settings.brokers, ""));
    for (const auto& [name, value] : own) TRY_DO(set(conf.get(), name, value, ""));
    rd_kafka_conf_set_opaque(conf.get(), made.get());
    rd_kafka_conf_set_error_cb(conf.get(), on_error);
    rd_kafka_conf_set_log_cb(conf.get(), on_log);
    if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
    else rd_kafka_conf_set_offset_commit_cb(conf.get(), on_commit);
    std::array<char, 512> reason{};
    made->handle = rd_kafka_new(type, conf.get(), reason.data(), reason.size());
    if (made->handle == nullptr) return fail(Code::invalid, reason.data());
    (void)conf.release();   // it is the client's now
    return made;
}

// What was read and is not kept yet.
struct KafkaIntake::Batch {
    struct OfTopic {
        std::vector<SpoolRecord> records;
        std::map<std::int32_t, std::int64_t> next;   // offsets by partition, behind what is here
    };
    std::deque<std::string> texts;                   // that the records refer to
    std::map<std::string, OfTopic, std::less<>> topics;
    std::size_t messages = 0, bytes = 0;
    bool is_full() const { return messages >= kBatchMessages || bytes >= kBatchBytes; }
};

KafkaIntake::KafkaIntake(Parts parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<KafkaIntake>> KafkaIntake::start(Parts parts) {
    std::unique_ptr<KafkaIntake> made(new KafkaIntake(std::move(parts)));
    const Parts& given = made->parts_;
    // Sources have names for good; one that found no place would keep its messages back for ever.
    for (const KafkaTopic& topic : given.topics) TRY_DO(given.intake.take_records("kafka:" + topic.name, {}));
    TRY(made->client_, KafkaClient::make(RD_KAFKA_CONSUMER, given.settings,
                                         {{"queued.max.messages.kbytes", "32768"}, {"topic.metadata.refresh.interval.ms", "10000"}},
                                         {{"group.id", given.group}, {"enable.auto.commit", "true"}, {"auto.commit.interval.ms", "250"}, {"enable.auto.offset.store", "false"}, {"auto.offset.reset", "earliest"}},
                                         given.log));
    rd_kafka_t* const handle = made->client_->handle;
    rd_kafka_poll_set_consumer(handle);
    const std::unique_ptr<rd_kafka_topic_partition_list_t, FreeKafka> list(rd_kafka_topic_partition_list_new(static_cast<int>(given.topics.size())));
    for (const KafkaTopic& topic : given.topics) rd_kafka_topic_partition_list_add(list.get(), topic.name.c_str(), RD_KAFKA_PARTITION_UA);
    if (const auto error = rd_kafka_subscribe(handle, list.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(Code::invalid, rd_kafka_err2str(error));
    made->thread_ = std::jthread([self = made.get()](const std::stop_token& stop) { self->run(stop); });
    return made;
}

// Behind the thread the client tells how far was kept, and leaves the group.
KafkaIntake::~KafkaIntake() {
    thread_ = {};
    if (client_) rd_kafka_consumer_close(client_->handle);
}

KafkaCounts KafkaIntake::counts() const { return {client_->reachable, client_->errors, waiting_}; }

void KafkaIntake::run(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        Batch batch;
        collect(batch);
        while (!keep(batch) && !stop.stop_requested()) {
            std::unique_lock lock(mutex);
            wake.wait_for(lock, stop, kAgain, [] { return false; });
        }
        if (batch.messages == 0) client_->probe();
    }
}

void KafkaIntake::collect(Batch& batch) {
    auto patience = kFirstMessage;
    while (!batch.is_full()) {
        const Message message(rd_kafka_consumer_poll(client_->handle, static_cast<int>(patience.count())));
        if (!message) return;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) continue;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            client_->count_error(message->err, rd_kafka_message_errstr(message.get()));
            return;
        }
        client_->have_answer();
        add(batch, message.get());
        patience = kMoreMessages;
    }
}

// The headers win over what the topic's setting says; one that cannot be used says nothing.
void KafkaIntake::add(Batch& batch, const void* read) const {
    const auto& message = *static_cast<const rd_kafka_message_t*>(read);
    const std::string topic = rd_kafka_topic_name(message.rkt);
    Batch::OfTopic& of_topic = batch.topics[topic];
    of_topic.next[message.partition] = message.offset + 1;
    ++batch.messages;
    if (message.len > kMaxIntakeLine) {
        parts_.intake.count_lost("kafka:" + topic, 1);
        return;
    }
    std::string& line = batch.texts.emplace_back();
    append_as_line(line, {static_cast<const char*>(message.payload), message.len});
    if (line.empty()) return;
    line.pop_back();
    batch.bytes += line.size();
    const auto configured = std::ranges::find(parts_.topics, topic, &KafkaTopic::name);
    SpoolRecord record{parts_.clock.now(), configured == parts_.topics.end() ? LineFormat::json : configured->format, {}, line};
    rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const std::int64_t sent = rd_kafka_message_timestamp(&message, &kind);
    if (kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && sent > 0) record.at = Instant(std::chrono::milliseconds(sent));
    std::string source = "kafka:" + topic;
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const void* value = nullptr;
        std::size_t size = 0;
        if (rd_kafka_header_get_last(headers, kFormatHeader, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR && value != nullptr) {
            record.format = parse_line_format({static_cast<const char*>(value), size}).value_or(record.format);
        }
        if (rd_kafka_header_get_last(headers, kSourceHeader, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR && value != nullptr && size > 0 && size <= 255 &&
            is_utf8({static_cast<const char*>(value), size})) {
            source.assign(static_cast<const char*>(value), size);
        }
    }
    record.source = batch.texts.emplace_back(std::move(source));
    of_topic.records.push_back(record);
}

// False where it has to be tried again; what was kept of it is not tried twice.
bool KafkaIntake::keep(Batch& batch) {
    std::uint64_t waiting = 0;
    for (auto at = batch.topics.begin(); at != batch.topics.end();) {
        const std::string way = "kafka:" + at->first;
        if (const auto taken = parts_.intake.take_records(way, at->second.records); !taken) {
            if (!told_) parts_.log.error("Kafka waits: its messages cannot be kept", {{"source", way}, {"reason", taken.error().message}});
            told_ = true;
            waiting += at->second.records.size();
            ++at;
            continue;
        }
        const std::unique_ptr<rd_kafka_topic_partition_list_t, FreeKafka> list(rd_kafka_topic_partition_list_new(static_cast<int>(at->second.next.size())));
        for (const auto& [partition, next] : at->second.next) rd_kafka_topic_partition_list_add(list.get(), at->first.c_str(), partition)->offset = next;
        // A partition that went to another node meanwhile is told by nobody here, and comes again there.
        (void)rd_kafka_offsets_store(client_->handle, list.get());
        at = batch.topics.erase(at);
    }
    if (batch.messages >= kTellAtOnce) (void)rd_kafka_commit(client_->handle, nullptr, 1);
    waiting_ = waiting;
    if (waiting == 0) told_ = false;
    return waiting == 0;
}

KafkaSink::KafkaSink(KafkaSettings settings, std::string topic, Log& log) : settings_(std::move(settings)), topic_(std::move(topic)), log_(log) {}
KafkaSink::~KafkaSink() = default;

Result<std::unique_ptr<KafkaSink>> KafkaSink::open(KafkaSettings settings, std::string topic, Log& log) {
    TRY_DO(check_kafka_topic(topic));
    std::unique_ptr<KafkaSink> made(new KafkaSink(std::move(settings), std::move(topic), log));
    TRY(const auto client, made->usable());
    std::array<char, 32> value{};
    std::size_t size = value.size();
    rd_kafka_conf_get(rd_kafka_conf(client->handle), "message.max.bytes", value.data(), &size);
    TRY(const std::uint64_t largest, within(parse_decimal(value.data()), "message.max.bytes"));
    if (largest < 2 * kAroundLine) return fail(Code::invalid, format("message.max.bytes is at least {}", 2 * kAroundLine));
    made->max_line_ = largest - kAroundLine;
    return made;
}

Result<std::shared_ptr<KafkaClient>> KafkaSink::usable() {
    const std::lock_guard lock(mutex_);
    if (client_ && !client_->broken) return client_;
    TRY(std::shared_ptr<KafkaClient> fresh, KafkaClient::make(RD_KAFKA_PRODUCER, settings_,
                                                              {{"linger.ms", "2"}, {"compression.type", "lz4"}, {"queue.buffering.max.messages", "200000"}, {"queue.buffering.max.kbytes", "131072"}},
                                                              {{"enable.idempotence", "true"}, {"message.timeout.ms", std::to_string(std::chrono::milliseconds(kDelivery).count())}}, log_));
    fresh->poller = std::jthread([one = fresh.get()](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            rd_kafka_poll(one->handle, 100);
            one->probe();
        }
    });
    if (client_) former_errors_ += client_->errors;
    client_ = fresh;
    return fresh;
}

KafkaCounts KafkaSink::counts() const {
    const std::lock_guard lock(mutex_);
    return {client_->reachable, former_errors_ + client_->errors, 0};
}

namespace {

// Where the queue is full, others wait for the brokers too.
rd_kafka_resp_err_t produce(rd_kafka_t* handle, const std::string& topic, const SpoolRecord& record, Delivery& delivery, std::chrono::steady_clock::time_point deadline) {
    // A list of our own: librdkafka 2.0 frees headers that are handed over one by one twice where it does not take the message.
    const std::string_view kind = name_of(record.format);
    std::unique_ptr<rd_kafka_headers_t, FreeKafka> headers(rd_kafka_headers_new(2));
    rd_kafka_header_add(headers.get(), kFormatHeader, -1, kind.data(), static_cast<ssize_t>(kind.size()));
    rd_kafka_header_add(headers.get(), kSourceHeader, -1, record.source.data(), static_cast<ssize_t>(record.source.size()));
    std::array<rd_kafka_vu_t, 6> parts{};
    parts[0] = {.vtype = RD_KAFKA_VTYPE_TOPIC, .u = {.cstr = topic.c_str()}};
    // The bytes stay the caller's, who waits until they are delivered.
    parts[1] = {.vtype = RD_KAFKA_VTYPE_VALUE, .u = {.mem = {const_cast<char*>(record.line.data()), record.line.size()}}};
    parts[2] = {.vtype = RD_KAFKA_VTYPE_KEY, .u = {.mem = {const_cast<char*>(record.source.data()), record.source.size()}}};
    parts[3] = {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u = {.ptr = &delivery}};
    parts[4] = {.vtype = RD_KAFKA_VTYPE_HEADERS, .u = {.headers = headers.get()}};
    // 0 would be the moment of sending.
    const auto at = std::chrono::floor<std::chrono::milliseconds>(record.at.time_since_epoch()).count();
    parts[5] = {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u = {.i64 = std::max<std::int64_t>(at, 1)}};
    for (;;) {
        rd_kafka_error_t* const problem = rd_kafka_produceva(handle, parts.data(), parts.size());
        if (problem == nullptr) {
            (void)headers.release();   // they are the message's now
            return RD_KAFKA_RESP_ERR_NO_ERROR;
        }
        const auto error = rd_kafka_error_code(problem);
        rd_kafka_error_destroy(problem);
        if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL || std::chrono::steady_clock::now() > deadline) return error;
        std::this_thread::sleep_for(5ms);
    }
}

}  // namespace

Result<void> KafkaSink::append(std::span<const SpoolRecord> records) {
    TRY(const auto client, usable());
    Delivery delivery;
    const auto deadline = std::chrono::steady_clock::now() + kDelivery;
    for (const SpoolRecord& record : records) {
        {
            const std::lock_guard lock(delivery.mutex);
            if (delivery.first != RD_KAFKA_RESP_ERR_NO_ERROR) break;
            ++delivery.outstanding;
        }
        if (const auto error = produce(client->handle, topic_, record, delivery, deadline); error != RD_KAFKA_RESP_ERR_NO_ERROR) delivery.end_one(error);
    }
    // Each message has its end within message.timeout.ms.
    std::unique_lock lock(delivery.mutex);
    delivery.done.wait(lock, [&] { return delivery.outstanding == 0; });
    if (delivery.first == RD_KAFKA_RESP_ERR_NO_ERROR) {
        client->have_answer();
        return {};
    }
    const Code code = delivery.first == RD_KAFKA_RESP_ERR__QUEUE_FULL ? Code::exhausted : Code::unavailable;
    return fail(code, format("Kafka did not take the events: {}", rd_kafka_err2str(delivery.first)));
}

}  // namespace madang::security
