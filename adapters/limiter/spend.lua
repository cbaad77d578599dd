-- Adds to the debt of a bucket, unless it would be more than the most.
-- KEYS[1] holds when the bucket will be full; it ends when the bucket is.
-- ARGV: what to add and the most. All times are in microseconds, by this
-- server's clock, so that those of the replicas need not agree.
-- Returns whether it was added, and the debt.
local by, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local debt = math.max(0, tonumber(redis.call('GET', KEYS[1]) or 0) - now)

local function keep(debt)
  redis.call('SET', KEYS[1], string.format('%.0f', now + debt), 'PX', math.ceil(debt / 1000))
end

-- A debt that no bucket can have is from before the clock was put back, or the
-- rate was changed. It must not lock anybody out until then.
if debt > most then
  debt = most
  keep(debt)
end
if debt + by > most then
  return {0, debt}
end
debt = math.max(0, debt + by)
if debt > 0 then
  keep(debt)
else
  redis.call('DEL', KEYS[1])
end
return {1, debt}
