import { expect, test } from 'vitest'
import { highlight } from '../../../shared/filter/highlight.ts'

const shown = (text: string) =>
  highlight(text).tokens.map(({ start, end, class: name }) => `${name}:${text.slice(start, end)}`)

test('every token has the colour of what it is', () => {
  expect(shown('not (mqtt.qos == 1 && usp.type in {GET, "SET"}) or device contains "x"')).toEqual([
    'operator:not',
    'operator:(',
    'field:mqtt.qos',
    'operator:==',
    'number:1',
    'operator:&&',
    'field:usp.type',
    'operator:in',
    'operator:{',
    'enum:GET',
    'operator:,',
    'string:"SET"',
    'operator:}',

    'operator:)',
    'operator:or',
    'field:device',
    'operator:contains',
    'string:"x"',
  ])
  expect(shown('mqtt.topic ~ a/# and ip.src == 10.0.0.0/8 and rtt > 5ms and mqtt.prop.user["a"]')).toEqual([
    'field:mqtt.topic',
    'operator:~',
    'string:a/#',
    'operator:and',
    'field:ip.src',
    'operator:==',
    'number:10.0.0.0/8',
    'operator:and',
    'field:rtt',
    'operator:>',
    'number:5ms',
    'operator:and',
    'field:mqtt.prop.user',
    'operator:[',
    'string:"a"',
    'operator:]',
  ])
})

test('an error is marked, and what follows still has its colours', () => {
  const text = 'mqtt.qos == one and usp.type == GET'
  expect(shown(text)).toEqual([
    'field:mqtt.qos',
    'operator:==',
    'error:one',
    'operator:and',
    'field:usp.type',
    'operator:==',
  ])
  expect(highlight(text).error).toMatchObject({ start: 12, end: 15 })
  expect(shown('(mqtt or usp')).toEqual(['error:(', 'field:mqtt', 'operator:or', 'field:usp'])
  expect(shown('mqtt.qos ==')).toEqual(['field:mqtt.qos', 'operator:=='])
  expect(highlight('mqtt.qos ==').error).toMatchObject({ start: 11, end: 11 })
})

test('plain words have none', () => {
  expect(highlight('boot get_resp')).toEqual({ tokens: [] })
})
