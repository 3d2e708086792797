import { describe, expect, test } from 'vitest'
import { complete, type KnownValues } from '../../../shared/filter/complete.ts'
import { filterFields } from '../../../shared/filter/fields.ts'

const known: KnownValues = {
  values: (field, typed) =>
    field === 'device' ? ['os::1', 'os::2', 'a "b"'].filter((name) => name.includes(typed)) : [],
  keys: (field) => (field === 'mqtt.prop.user' ? ['usp-endpoint-id'] : []),
}

/** `|` stands for the caret. */
function offered(marked: string): { labels: string[]; result: (label: string) => string } {
  const caret = marked.indexOf('|')
  const text = marked.replace('|', '')
  const { from, to, items } = complete(text, caret, known)
  return {
    labels: items.map(({ label }) => label),
    result: (label) => {
      const item = items.find((item) => item.label === label)
      return text.slice(0, from) + (item?.text ?? '?') + text.slice(to)
    },
  }
}

describe('offers what may stand there', () => {
  test.each([
    ['mqtt.to|', ['mqtt.topic', 'mqtt.topic_len']],
    ['mqtt.qos == 1 and mqtt.will.prop.cont|', ['mqtt.will.prop.content_type']],
    ['mqtt.msgtype == pub|', ['PUBLISH', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP']],
    ['mqtt.msgtype in {CONNECT, pubr|', ['PUBREC', 'PUBREL']],
    ['direction == |', ['in', 'out']],
    ['mqtt.retain == |', ['true', 'false']],
    ['mqtt.topic ~|', ['~']],
    ['mqtt.topic =|', ['==', '===', '!=', '>=', '<=', '!==']],
    ['mqtt.retain |', ['==', '!=', 'in', '===', '!==', 'and', 'or']],
    ['(mqtt |', ['and', 'or', ')']],
    ['mqtt.qos == 1 |', ['and', 'or']],
    ['mqtt.qos == 1 a|', ['and']],
    ['device == |', ['os::1', 'os::2', 'a "b"']],
    ['device == "os::|', ['os::1', 'os::2']],
    ['device == os::2|', ['os::2']],
    ['mqtt.prop.user[|', ['usp-endpoint-id']],
    ['boot |', []],
    ['mqtt.qos == nonsense and |', []],
    ['mqtt.qos == |', []],
  ])('%s', (text, labels) => {
    expect(
      offered(text)
        .labels.slice(0, labels.length + 1)
        .sort(),
    ).toEqual([...labels].sort())
  })

  test('all fields at the beginning', () => {
    const { labels } = offered('|')
    expect(labels).toEqual([...filterFields.map(({ name }) => name), 'not'])
  })

  test('first what begins so, then what holds it', () => {
    const { labels } = offered('topic|')
    expect(labels).toContain('mqtt.prop.response_topic')
    expect(offered('usp.msg|').labels[0]).toBe('usp.msg_id')
  })
})

test.each([
  ['mqtt.to|', 'mqtt.topic', 'mqtt.topic'],
  ['mqtt.t|pic == x', 'mqtt.topic', 'mqtt.topic == x'],
  ['not mqtt.to| and usp', 'mqtt.topic', 'not mqtt.topic and usp'],
  ['device == os|', 'os::1', 'device == "os::1"'],
  ['device == "os|', 'os::1', 'device == "os::1"'],
  ['device == "os| and usp', 'os::1', 'device == "os::1" and usp'],
  ['device == "o|x" and usp', 'os::1', 'device == "os::1" and usp'],
  ['device == |', 'a "b"', String.raw`device == "a \"b\""`],
  ['mqtt.prop.user["us|', 'usp-endpoint-id', 'mqtt.prop.user["usp-endpoint-id"]'],
  ['mqtt.prop.user["us|"] == x', 'usp-endpoint-id', 'mqtt.prop.user["usp-endpoint-id"] == x'],
  ['mqtt.reason_code == not|', 'Not authorized', 'mqtt.reason_code == "Not authorized"'],
])('%s with %s gives %s', (text, label, expected) => {
  expect(offered(text).result(label)).toBe(expected)
})
