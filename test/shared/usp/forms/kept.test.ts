import { expect, test } from 'vitest'
import { formatKept, readKept } from '../../../../shared/usp/forms/kept.ts'

test('a message is the same after it was written and read', () => {
  const kept = {
    name: 'scan',
    text: '{\n  "get": {\n    "param_paths": [\n      "Device.${o}."\n    ]\n  }\n}',
    note: 'Before each run',
    variables: { o: 'WiFi' },
  }
  expect(readKept(formatKept(kept), 'scan')).toEqual([kept])
  expect(formatKept(kept)).toContain('"message": {')
})
test.each(['{"get": {"param_paths": [', '{"a": 12345678901234567890}', '{"a":1,"a":2}'])(
  'a text that JSON would change is kept to the letter: %s',
  (text) => {
    expect(readKept(formatKept({ text, note: '', variables: {} }))[0]?.text).toBe(text)
  },
)
test('what Oktopus saves: with its name, as value or text, one or several', () => {
  const get = { get: { param_paths: ['Device.'] } }
  const text = JSON.stringify(get, null, 2)
  expect(readKept(JSON.stringify({ name: 'all', type: 'usp', value: JSON.stringify(get) }))).toEqual([
    { name: 'all', text, note: '', variables: {} },
  ])
  expect(readKept(JSON.stringify([{ name: 'a', value: get }, get]), 'set').map(({ name }) => name)).toEqual([
    'a',
    'set 2',
  ])
  expect(readKept(JSON.stringify({ param_paths: ['Device.'] }), 'bare')[0]?.name).toBe('bare')
})
test.each([
  ['[]', 'no messages'],
  ['7', 'JSON object'],
  ['{"oktobench":"flow","version":1}', 'of a flow'],
  ['{"oktobench":"message","version":9}', 'newer version'],
  ['{"oktobench":"message","version":1}', 'no message'],
  ['{"oktobench":"message","version":1,"variables":{"a b":"1"},"message":{}}', 'no name of a variable'],
  ['{"hello":1}', 'exactly one of'],
])('what is no message says why: %s', (text, why) => {
  expect(() => readKept(text)).toThrow(why)
})
