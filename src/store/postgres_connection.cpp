#include "store/postgres_connection.h"

#include <libpq-fe.h>

#include <cstring>

#include "base/check.h"
#include "base/text.h"

namespace madang::store {
namespace {

constexpr std::size_t kMaxStatements = 500;
constexpr std::size_t kPipeline = 256;   // rows between two syncs: the server's answers must not pile up
// pg_type.dat: the types that parameters are declared as.
constexpr Oid kInt8 = 20;
constexpr Oid kText = 25;
constexpr Oid kBytea = 17;
constexpr Oid kFloat8 = 701;

struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, Clear>;

std::uint64_t big_endian(std::uint64_t number) {
    if constexpr (std::endian::native == std::endian::little) return __builtin_bswap64(number);
    return number;
}

// Parameters in the server's binary form, kept alive while they are sent.
struct Parameters {
    std::vector<Oid> types;
    std::vector<const char*> data;
    std::vector<int> lengths;
    std::vector<int> formats;
    std::vector<std::uint64_t> numbers;

    explicit Parameters(const Values& values) {
        numbers.reserve(values.size());  // pointers into it stay
        for (const Value& value : values) {
            formats.push_back(1);
            if (std::holds_alternative<std::monostate>(value)) {
                add(0, nullptr, 0);
            } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
                add_number(kInt8, static_cast<std::uint64_t>(*whole));
            } else if (const auto* real = std::get_if<double>(&value)) {
                add_number(kFloat8, std::bit_cast<std::uint64_t>(*real));
            } else if (const auto* text = std::get_if<std::string>(&value)) {
                add(kText, text->data(), text->size());
            } else {
                const auto& bytes = std::get<Bytes>(value);
                // An empty vector may have no address, and none would be NULL.
                static constexpr char kNothing = 0;
                add(kBytea, bytes.empty() ? &kNothing : reinterpret_cast<const char*>(bytes.data()), bytes.size());
            }
        }
    }
    void add(Oid type, const char* bytes, std::size_t size) {
        types.push_back(type);
        data.push_back(bytes);
        lengths.push_back(static_cast<int>(size));
    }
    void add_number(Oid type, std::uint64_t number) {
        numbers.push_back(big_endian(number));
        add(type, reinterpret_cast<const char*>(&numbers.back()), sizeof number);
    }
    int count() const { return static_cast<int>(data.size()); }
};

class PostgresRow final : public Row {
public:
    PostgresRow(const PGresult* result, int row) : result_(result), row_(row) {}
    bool is_null(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
    std::int64_t integer(int column) const override {
        if (is_null(column)) return 0;
        std::int64_t number = 0;
        const std::string_view bytes = raw(column);
        // int2, int4 and int8 by their length; the sign comes with the first byte.
        if (!bytes.empty()) number = static_cast<signed char>(bytes[0]);
        for (const char byte : bytes.substr(bytes.empty() ? 0 : 1)) {
            number = static_cast<std::int64_t>(static_cast<std::uint64_t>(number) << 8 | static_cast<std::uint8_t>(byte));
        }
        return number;
    }
    double real(int column) const override {
        if (is_null(column) || raw(column).size() != sizeof(double)) return 0;
        std::uint64_t number = 0;
        std::memcpy(&number, raw(column).data(), sizeof number);
        return std::bit_cast<double>(big_endian(number));
    }
    std::string_view text(int column) const override { return raw(column); }
    ByteSpan bytes(int column) const override { return as_bytes(raw(column)); }

private:
    std::string_view raw(int column) const {
        return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
    }
    const PGresult* result_;
    int row_;
};

// PostgreSQL, appendix A: error codes.
Code code_of(std::string_view state) {
    if (state == "23502" || state == "23514") return Code::invalid;   // not null, check
    if (state.starts_with("23")) return Code::conflict;       // integrity constraint violation
    if (state == "53100" || state == "53200") return Code::exhausted;  // disk full, out of memory
    if (state.starts_with("42") || state.starts_with("22")) return Code::invalid;
    if (state.starts_with("28") || state == "25006") return Code::denied;  // authorization, read only
    if (state == "XX001" || state == "XX002") return Code::corrupted;   // data, index
    return Code::unavailable;
}

}  // namespace

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(const std::string& address) {
    const char* keys[] = {"dbname", "connect_timeout", "application_name", "client_encoding", "options", nullptr};
    const char* values[] = {address.c_str(), "10", "madang", "UTF8",
                            "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000 -c synchronous_commit=on", nullptr};
    std::unique_ptr<PostgresConnection> connection(new PostgresConnection(PQconnectdbParams(keys, values, 1)));
    if (PQstatus(connection->connection_) != CONNECTION_OK) {
        return fail(Code::unavailable, format("PostgreSQL does not answer: {}", trim(PQerrorMessage(connection->connection_))));
    }
    PQsetNoticeProcessor(connection->connection_, [](void*, const char*) {}, nullptr);  // "already exists, skipping"
    return connection;
}

PostgresConnection::~PostgresConnection() { PQfinish(connection_); }

bool PostgresConnection::is_broken() const { return PQstatus(connection_) != CONNECTION_OK; }

Error PostgresConnection::lost(std::string_view doing) {
    wants_retry_ = false;
    return {Code::unavailable, format("{}: {}", doing, trim(PQerrorMessage(connection_)))};
}

Error PostgresConnection::error_of(const PGresult* result, std::string_view doing) {
    const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state == nullptr) return lost(doing);
    const std::string_view code(state);
    wants_retry_ = code == "40001" || code == "40P01";
    // The primary message names tables and columns; the detail would carry values and is left out.
    const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    return {code_of(code), format("{}: {}", doing, message == nullptr ? state : message)};
}

Result<std::string> PostgresConnection::prepared(std::string_view sql, const Values& values) {
    // A null has no type of its own; the statement is then prepared for what the server makes of it.
    std::string key(sql);
    for (const Value& value : values) key.push_back(static_cast<char>('0' + value.index()));
    if (const auto found = statements_.find(key); found != statements_.end()) return found->second;
    if (statements_.size() >= kMaxStatements) {
        TRY_DO(run("DEALLOCATE ALL"));
        statements_.clear();
        ++cleared_;
    }
    const std::string name = format("s{}", next_name_++);
    const Parameters parameters(values);
    const ResultPtr result(PQprepare(connection_, name.c_str(), std::string(sql).c_str(), parameters.count(), parameters.types.data()));
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return std::unexpected(error_of(result.get(), "cannot prepare a statement"));
    statements_.emplace(std::move(key), name);
    return name;
}

Result<void> PostgresConnection::query(std::string_view sql, const Values& values, const EachRow& each) {
    TRY(const std::string name, prepared(sql, values));
    const Parameters parameters(values);
    const ResultPtr result(PQexecPrepared(connection_, name.c_str(), parameters.count(), parameters.data.data(),
                                          parameters.lengths.data(), parameters.formats.data(), 1));
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK && PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
        return std::unexpected(error_of(result.get(), "cannot read"));
    }
    for (int row = 0; row < PQntuples(result.get()); ++row) TRY_DO(each(PostgresRow(result.get(), row)));
    return {};
}

Result<std::int64_t> PostgresConnection::execute(std::string_view sql, const Values& values) {
    TRY(const std::string name, prepared(sql, values));
    const Parameters parameters(values);
    const ResultPtr result(PQexecPrepared(connection_, name.c_str(), parameters.count(), parameters.data.data(),
                                          parameters.lengths.data(), parameters.formats.data(), 1));
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return std::unexpected(error_of(result.get(), "cannot write"));
    return static_cast<std::int64_t>(parse_decimal(PQcmdTuples(result.get())).value_or(0));
}

Result<void> PostgresConnection::execute_many(std::string_view sql, std::span<const Values> rows) {
    if (rows.empty()) return {};
    // Rows whose nulls stand elsewhere are other statements; all are prepared before the pipeline begins.
    std::vector<std::string> names;
    names.reserve(rows.size());
    for (int attempt = 0; names.size() < rows.size(); ++attempt) {
        if (attempt > 1) return fail(Code::exhausted, "the rows have nulls in too many different places");
        const std::uint64_t cleared = cleared_;
        for (const Values& row : rows) {
            TRY(std::string name, prepared(sql, row));
            names.push_back(std::move(name));
        }
        if (cleared_ != cleared) names.clear();   // the first ones went when room was made for the last
    }
    if (PQenterPipelineMode(connection_) != 1) return std::unexpected(lost("cannot begin a pipeline"));
    std::optional<Error> failed;
    for (std::size_t begin = 0; begin < rows.size() && !failed; begin += kPipeline) {
        const std::size_t end = std::min(begin + kPipeline, rows.size());
        for (std::size_t i = begin; i < end && !failed; ++i) {
            const Parameters parameters(rows[i]);
            if (PQsendQueryPrepared(connection_, names[i].c_str(), parameters.count(), parameters.data.data(),
                                    parameters.lengths.data(), parameters.formats.data(), 1) != 1) {
                failed = lost("cannot write");
            }
        }
        if (PQpipelineSync(connection_) != 1 && !failed) failed = lost("cannot write");
        // One answer and one end of it for each row, then the sync.
        for (bool synced = false; !synced;) {
            const ResultPtr result(PQgetResult(connection_));
            if (!result) {
                if (is_broken()) {
                    if (!failed) failed = lost("cannot write");
                    break;
                }
                continue;
            }
            const auto status = PQresultStatus(result.get());
            synced = status == PGRES_PIPELINE_SYNC;
            const bool good = synced || status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_ABORTED;
            if (!good && !failed) failed = error_of(result.get(), "cannot write");
        }
    }
    if (!is_broken()) PQexitPipelineMode(connection_);
    if (failed) return std::unexpected(*failed);
    return {};
}

Result<void> PostgresConnection::run(const std::string& statement) {
    if (statement.starts_with("BEGIN")) wants_retry_ = false;   // of the transaction before
    const ResultPtr result(PQexec(connection_, statement.c_str()));
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return std::unexpected(error_of(result.get(), "cannot run"));
    // COMMIT of a transaction that failed answers ROLLBACK, and no error.
    if (statement == "COMMIT" && std::string_view(PQcmdStatus(result.get())) == "ROLLBACK") {
        return fail(Code::conflict, "the transaction was rolled back");
    }
    return {};
}

}  // namespace madang::store
