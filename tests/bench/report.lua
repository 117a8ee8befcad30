-- wrk: the contract's full body, each time with an external_id of its own; the figures as one line of JSON.
local file = assert(io.open(os.getenv("BENCH_BODY")))
local whole = file:read("*a")
file:close()
local from, to = whole:find('"external_id": "[^"]*"')
local head, tail = whole:sub(1, from - 1) .. '"external_id": "' .. os.getenv("BENCH_RUN") .. "-", '"' .. whole:sub(to + 1)
local headers = {["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN")}
local number = 0

function request()
  number = number + 1
  return wrk.format("POST", "/v1/incidents", headers, head .. number .. tail)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50": %d, "p99": %d}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
