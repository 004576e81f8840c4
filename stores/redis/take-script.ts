import { defineScript } from '@redis/client';

/**
 * Takes from a token bucket in one step on the server. Contents are in thousandths of a token, so that whole
 * rates refill in whole numbers; both numbers are written with 17 digits, which a double comes back from. A
 * refusal writes nothing: the next call refills from the same moment. A bucket that would be full again goes.
 * ARGV: rate a second, burst, cost, and the time in ms where it is not to be the server's.
 * Returns what is missing, in thousandths: nothing is where it was granted.
 */
const script = `
local rate, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3]) * 1000
local now = tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local held = redis.call('HMGET', KEYS[1], 'milli', 'at')
local milli, at = tonumber(held[1]) or burst, tonumber(held[2]) or now
milli = math.min(burst, milli + math.max(0, now - at) * rate)
if cost > milli then return string.format('%.17g', cost - milli) end
milli = milli - cost
redis.call('HSET', KEYS[1], 'milli', string.format('%.17g', milli), 'at', string.format('%.17g', math.max(at, now)))
if rate > 0 then
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.min(math.ceil((burst - milli) / rate) + 1000, 1e12)))
end
return '0'
`;

export const takeScript = defineScript({
  SCRIPT: script,
  NUMBER_OF_KEYS: 1,
  parseCommand(parser, key: string, ...args: readonly string[]) {
    parser.pushKey(key);
    parser.push(...args);
  },
  transformReply: (missing: unknown) => Number(missing),
});
