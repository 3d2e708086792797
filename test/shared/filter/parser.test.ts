import { describe, expect, test } from 'vitest'
import { fieldsOf, MAX_LENGTH, parseFilter } from '../../../shared/filter/filter.ts'
import { MAX_DEPTH } from '../../../shared/filter/parser.ts'
import { MAX_WORDS } from '../../../shared/filter/words.ts'

const canonical = (text: string): string => {
  const parsed = parseFilter(text)
  return parsed.ok ? parsed.filter.text : `${parsed.error.message} @${parsed.error.start}`
}

describe('what is written so is read, and written in one way', () => {
  test.each([
    ['', ''],
    ['  \t\n ', ''],
    ['mqtt.topic', 'mqtt.topic'],
    ['mqtt.qos==1', 'mqtt.qos == 1'],
    ['mqtt.qos eq 0x1', 'mqtt.qos == 1'],
    ['mqtt.qos any_eq 1', 'mqtt.qos == 1'],
    ['mqtt.qos all_ne 1', 'mqtt.qos != 1'],
    ['mqtt.qos any_ne 1 or mqtt.qos all_eq 2', 'mqtt.qos !== 1 or mqtt.qos === 2'],
    ['frame.len ge 10&&frame.len le 20', 'frame.len >= 10 and frame.len <= 20'],
    ['frame.number gt 1 and frame.number lt 9', 'frame.number > 1 and frame.number < 9'],
    // Precedence: not, and, or.
    ['mqtt or usp and mqtt.topic', 'mqtt or (usp and mqtt.topic)'],
    ['(mqtt or usp) and mqtt.topic', '(mqtt or usp) and mqtt.topic'],
    ['!mqtt && usp', 'not mqtt and usp'],
    ['not (mqtt && usp)', 'not (mqtt and usp)'],
    ['not not ((mqtt))', 'not not mqtt'],
    ['mqtt and (usp and mqtt.topic)', 'mqtt and usp and mqtt.topic'],
    // Sets.
    ['mqtt.qos in {0,2}', 'mqtt.qos in {0, 2}'],
    ['frame.len in {1..5, 0x10..0x20,7}', 'frame.len in {1..5, 16..32, 7}'],
    ['mqtt.qos not in {1}', 'not mqtt.qos in {1}'],
    ['usp.type in { GET , get_resp }', 'usp.type in {GET, GET_RESP}'],
    // Names of values.
    ['mqtt.msgtype == PUBLISH', 'mqtt.msgtype == PUBLISH'],
    ['mqtt.msgtype == 3', 'mqtt.msgtype == PUBLISH'],
    ['mqtt.msgtype >= suback', 'mqtt.msgtype >= SUBACK'],
    ['mqtt.reason_code == not_authorized', 'mqtt.reason_code == "Not authorized"'],
    ['mqtt.reason_code >= 0x80', 'mqtt.reason_code >= "Unspecified error"'],
    ['mqtt.reason_code == 0x7f', 'mqtt.reason_code == 127'],
    ['usp.err_code == 7026', 'usp.err_code == "Invalid path"'],
    ['direction == in', 'direction == in'],
    ['direction in {in, out}', 'direction in {in, out}'],
    ['frame.direction == out', 'direction == out'],
    ['acl.verdict == deny', 'acl.verdict == deny'],
    ['connection.version == 3.1.1', 'connection.version == "3.1.1"'],
    ['mqtt.retain == TRUE && mqtt.dupflag == 0', 'mqtt.retain == true and mqtt.dupflag == false'],
    // Text.
    ['device == os::00256D-1', 'device == "os::00256D-1"'],
    ['usp.event_name == Boot!', 'usp.event_name == "Boot!"'],
    ['usp.event_name!="Boot!"', 'usp.event_name != "Boot!"'],
    [String.raw`device == "a\"b\\c\x41\u00e9\n"`, String.raw`device == "a\"b\\cAé\n"`],
    [String.raw`device matches "^a\d+\.b"`, String.raw`device matches "^a\\d+\\.b"`],
    [String.raw`device matches r"^a\d+"`, String.raw`device matches "^a\\d+"`],
    ['mqtt.topic ~ oktopus/+/v1/#', 'mqtt.topic ~ "oktopus/+/v1/#"'],
    ['mqtt.topic ~ "a b/#"', 'mqtt.topic ~ "a b/#"'],
    ['mqtt.prop.user["usp-endpoint-id"]', 'mqtt.prop.user["usp-endpoint-id"]'],
    ['mqtt.prop.user["a"] contains b', 'mqtt.prop.user["a"] contains "b"'],
    ['usp.params["Cause"] == LocalReboot', 'usp.params["Cause"] == "LocalReboot"'],
    // Durations, times, addresses, bytes.
    ['rtt > 10ms', 'rtt > 10ms'],
    ['rtt > 0.0105', 'rtt > 10.5ms'],
    ['rtt > 1500ms', 'rtt > 1.5s'],
    ['rtt < 2m or rtt > 1h', 'rtt < 120s or rtt > 3600s'],
    ['rtt == 250us || rtt == 7ns', 'rtt == 250us or rtt == 7ns'],
    ['frame.time_delta == -1s', 'frame.time_delta == -1s'],
    ['mqtt.kalive == 60', 'mqtt.kalive == 60s'],
    ['mqtt.prop.session_expiry_interval == 0xffffffff', 'mqtt.prop.session_expiry_interval == 4294967295s'],
    ['frame.time >= 2026-11-22', 'frame.time >= 2026-11-22'],
    ['frame.time == "2026-11-22 12:45"', 'frame.time == 2026-11-22T12:45Z'],
    ['frame.time > 2026-11-22T12:45:07.25+02:00', 'frame.time > 2026-11-22T10:45:07.25Z'],
    ['ip.src == 10.1.2.3/8', 'ip.src == 10.0.0.0/8'],
    ['ip.addr == ::ffff:10.0.0.1', 'ip.addr == 10.0.0.1'],
    ['ipv6.dst == FE80:0:0:0:0:0:0:1%eth0', 'ip.dst == fe80::1'],
    ['ip.src in {10.0.0.0..10.0.0.255, fe80::/10}', 'ip.src in {10.0.0.0/24, fe80::/10}'],
    ['ip.src in {10.0.0.1..10.0.0.5}', 'ip.src in {10.0.0.1..10.0.0.5}'],
    ['mqtt.msg contains 30:0a:FF', 'mqtt.msg contains 30:0a:ff'],
    ['mqtt.msg contains 300aff', 'mqtt.msg contains 30:0a:ff'],
    ['mqtt.msg == 62:6f:6f:74', 'mqtt.msg == "boot"'],
    ['mqtt.msg contains "é"', 'mqtt.msg contains "é"'],
    // Plain words.
    ['boot get_resp', 'boot get_resp'],
    ['Boot! BOOT!', 'boot!'],
    ['"two words" one', '"two words" one'],
    ['Device.Reboot() (x)', 'device.reboot() (x)'],
    ['"and" "mqtt.topic"', '"and" "mqtt.topic"'],
    ['""', ''],
  ])('%s', (text, expected) => {
    expect(canonical(text)).toBe(expected)
    expect(canonical(expected)).toBe(expected)
  })
})

describe('what is wrong is said where it stands', () => {
  test.each([
    ['mqtt.tpoic', [0, 10], 'There is no field mqtt.tpoic.', 'Did you mean mqtt.topic?'],
    ['mqtt.qos == 1 and topic == a', [18, 23], 'There is no field topic.', 'Did you mean mqtt.topic?'],
    [
      'boot and reboot',
      [0, 4],
      'There is no field boot.',
      'To search for words, write them without and, or, not and operators.',
    ],
    ['mqtt.qos = 1', [9, 10], '= is no operator.', 'Write == for "equals".'],
    ['mqtt & usp', [5, 6], '& is no operator.', 'Write && or and.'],
    ['mqtt.qos equals 1', [9, 15], '"equals" is no operator.', 'Write ==.'],
    ['mqtt.qos EQ 1', [9, 11], '"EQ" is no operator.', 'Write ==.'],
    ['mqtt AND usp', [5, 8], '"AND" is no operator.', 'Write and.'],
    ['mqtt usp', [5, 8], '"usp" is not expected here.', 'Join tests with and or or.'],
    ['mqtt.qos ==', [11, 11], 'A value for mqtt.qos is missing here.', undefined],
    ['mqtt and', [8, 8], 'A field is missing here.', undefined],
    ['mqtt and or usp', [9, 11], 'A field is missing here.', undefined],
    ['(mqtt or usp', [0, 1], 'This ( is not closed.', undefined],
    ['mqtt)', [4, 5], '")" is not expected here.', 'Join tests with and or or.'],
    ['mqtt.qos == one', [12, 15], '"one" is no whole number.', 'Write 3 or 0x1f.'],
    ['mqtt.qos == "1"', [12, 15], 'A number stands without quotes.', 'Write 1.'],
    [
      'mqtt.qos contains 1',
      [9, 17],
      'contains does not fit mqtt.qos.',
      'Use ==, !=, >, >=, <, <=, in, ===, !==.',
    ],
    ['mqtt == 1', [5, 7], 'mqtt has no value to compare.', 'Its name alone asks whether it is there.'],
    [
      'mqtt.passwd == x',
      [12, 14],
      'mqtt.passwd has no value to compare.',
      'Its name alone asks whether it is there.',
    ],
    ['usp.type == GETRESP', [12, 19], '"GETRESP" is no value of usp.type.', 'Did you mean GET_RESP?'],
    ['direction == up', [13, 15], '"up" is no value of direction.', 'It may be in, out.'],
    ['direction == 1', [13, 14], '"1" is no value of direction.', 'It may be in, out.'],
    ['mqtt.retain == maybe', [15, 20], 'mqtt.retain is true or false, not "maybe".', undefined],
    [
      'ip.src == 10.0.0.256',
      [10, 20],
      '"10.0.0.256" is no IP address or network.',
      'Write 192.168.1.1, 10.0.0.0/8 or fe80::/10.',
    ],
    ['rtt > 5 ms', [8, 10], '"ms" is not expected here.', 'Join tests with and or or.'],
    [
      'rtt > 5parsecs',
      [6, 14],
      '"5parsecs" is no duration.',
      'Write 10ms, 1.5s, 2m or 1h; a plain number is seconds.',
    ],
    [
      'frame.time > 2026-02-30',
      [13, 23],
      '"2026-02-30" is no time.',
      'Write 2026-11-22 or 2026-11-22T12:45:07.250Z.',
    ],
    ['mqtt.msg == xyz', [12, 15], '"xyz" are no bytes.', 'Write 30:0a:ff, or "xyz" for text.'],
    ['device == "abc', [10, 14], 'This text has no closing ".', undefined],
    [
      'mqtt.topic == mqtt.willtopic',
      [14, 28],
      'mqtt.willtopic is a field, and fields are compared with values.',
      'For the text put it into "…".',
    ],
    [
      'mqtt.topic ~ "a/#/b"',
      [13, 20],
      'The topic filter has # before its end: it must be the last level.',
      undefined,
    ],
    [
      'mqtt.topic ~ $share/g/a',
      [13, 23],
      'A shared subscription is no filter of topics: write what stands behind its share name.',
      undefined,
    ],
    ['device matches "(a"', [15, 19], 'A ( is not closed.', undefined],
    [
      'device matches "(?=a)"',
      [15, 22],
      'Look-around and flags inside a pattern are not supported; (?-i) may stand first.',
      undefined,
    ],
    ['mqtt.qos in 1', [12, 13], 'A set in { } is missing here.', undefined],
    ['mqtt.qos in {}', [13, 14], 'A value for mqtt.qos is missing here.', undefined],
    ['mqtt.qos in {1 2}', [15, 16], 'A , or a } is missing here.', undefined],
    ['mqtt.qos in {2..1}', [13, 14], 'This range runs backwards.', undefined],
    ['device in {a..b}', [11, 12], 'device has no ranges.', 'List the values one by one.'],
    ['mqtt.topic["a"]', [10, 11], 'mqtt.topic has no entries to pick from with [ ].', undefined],
    ['mqtt.prop.user[a]', [15, 16], 'The name of an entry is missing here.', 'Write ["name"].'],
    ['mqtt.prop.user["a" == b', [19, 21], 'A ] is missing here.', undefined],
    [
      '"boot" and mqtt',
      [0, 6],
      'A field is missing here.',
      'To search for text, write contains behind a field.',
    ],
  ])('%s', (text, [start, end], message, hint) => {
    const error = { message, start, end, ...(hint !== undefined && { hint }) }
    expect(parseFilter(text)).toEqual({ ok: false, error })
  })
})

describe('nothing grows without a bound', () => {
  test('nesting', () => {
    const nested = (depth: number) => '('.repeat(depth) + 'mqtt' + ')'.repeat(depth)
    expect(canonical(nested(MAX_DEPTH))).toBe('mqtt')
    expect(canonical(nested(MAX_DEPTH + 1))).toBe(
      `Parentheses and nots lie more than ${MAX_DEPTH} deep. @${MAX_DEPTH}`,
    )
    expect(canonical('!'.repeat(3000) + 'mqtt')).toContain('deep')
  })

  test('length', () => {
    const long = Array.from({ length: 1000 }, () => 'mqtt').join('||')
    expect(canonical(long).split(' or ')).toHaveLength(1000)
    expect(parseFilter('x'.repeat(MAX_LENGTH + 1))).toMatchObject({
      ok: false,
      error: { start: MAX_LENGTH, end: MAX_LENGTH + 1 },
    })
  })

  test('words', () => {
    const words = (count: number) => Array.from({ length: count }, (_, i) => `w${i}`).join(' ')
    expect(canonical(words(MAX_WORDS))).toBe(words(MAX_WORDS))
    expect(canonical(`${words(MAX_WORDS)} w0`)).toBe(words(MAX_WORDS))
    expect(canonical(words(MAX_WORDS + 1))).toContain('30 different words at most')
  })
})

test.each([
  ['mqtt.qos == 1 and not (usp.type == GET or mqtt.qos in {2})', ['mqtt.qos', 'usp.type']],
  ['boot get', [undefined]],
  ['', []],
])('the fields of %s', (text, names) => {
  const parsed = parseFilter(text)
  if (!parsed.ok) throw new Error(parsed.error.message)
  expect([...fieldsOf(parsed.filter.expression)].map((field) => field?.name)).toEqual(names)
})
