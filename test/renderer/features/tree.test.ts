import { describe, expect, it } from 'vitest'
import type { Field } from '../../../shared/dissect/field.ts'
import {
  fieldAt,
  innermostAt,
  innermostLayer,
  treeJson,
  treeLines,
  treeText,
} from '../../../renderer/features/packets/tree.ts'

const leaf = (name: string, text: string, start: number, end: number): Field => ({
  name,
  label: name,
  text,
  start,
  end,
})
const fields: readonly Field[] = [
  {
    ...leaf('mqtt', 'QoS 0', 0, 20),
    children: [
      leaf('mqtt.len', '18', 1, 2),
      {
        ...leaf('mqtt.properties', '', 2, 12),
        children: [
          leaf('mqtt.prop.session_expiry_interval', '0', 3, 8),
          {
            ...leaf('mqtt.prop.response_topic', 'a/b', 8, 12),
            finding: { severity: 'warning', text: 'Not subscribed.', rule: 'R-MQTT.27' },
          },
        ],
      },
      leaf('mqtt.topic', 'inferred', 12, 12),
    ],
  },
]
const view = { expanded: {}, unfolded: new Set<string>() }
const shown = (lines: ReturnType<typeof treeLines>) => lines.map((line) => `${line.kind} ${line.path}`)

describe('lines', () => {
  it('shows all of a small packet, zero values and findings too', () => {
    expect(shown(treeLines(fields, view))).toEqual([
      'field 0',
      'field 0.0',
      'field 0.1',
      'field 0.1.0',
      'field 0.1.1',
      'finding 0.1.1',
      'field 0.2',
    ])
  })

  it('remembers by name what was closed, but shows what is selected', () => {
    const closed = { ...view, expanded: { 'mqtt.properties': false } }
    expect(shown(treeLines(fields, closed))).toEqual(['field 0', 'field 0.0', 'field 0.1', 'field 0.2'])
    expect(shown(treeLines(fields, { ...closed, shown: '0.1.0' }))).toContain('field 0.1.0')
  })

  it('starts a group closed that stands in no byte of the packet', () => {
    const frame = { ...leaf('frame', '5', 0, 0), children: [leaf('frame.number', '5', 0, 0)] }
    expect(shown(treeLines([frame], view))).toEqual(['field 0'])
    expect(shown(treeLines([frame], { ...view, expanded: { frame: true } }))).toEqual([
      'field 0',
      'field 0.0',
    ])
  })

  it('starts a long group closed', () => {
    const many = [{ ...fields[0]!, children: Array.from({ length: 41 }, () => leaf('x', '', 0, 1)) }]
    expect(treeLines(many, view)).toHaveLength(1)
    expect(treeLines(many, { ...view, expanded: { mqtt: true } })).toHaveLength(42)
  })

  it('folds a long value and shows every character of it when unfolded', () => {
    const text = Array.from({ length: 1000 }, (_, at) => String.fromCharCode(97 + (at % 26))).join('')
    const long = [leaf('usp.value', text, 0, 1000)]
    expect(treeLines(long, view)).toMatchObject([{ rest: 'all 1,000 characters', unfolded: false }])
    const lines = treeLines(long, { ...view, unfolded: new Set(['0']) })
    expect(lines.map((line) => line.text).join('')).toBe(text)
  })
})

describe('layers of USP', () => {
  const layer = (name: string, ...children: Field[]): Field => ({ ...leaf(name, '', 0, 20), children })
  const frame = { ...layer('frame', leaf('frame.number', '5', 0, 0)), end: 0 }
  const mqtt = layer('mqtt', leaf('mqtt.len', '18', 1, 2))
  const record = layer('usp', leaf('usp.from_id', 'a', 4, 6))
  const msg = layer('usp.msg', leaf('usp.header', '', 8, 10))
  const open = (layers: readonly Field[], expanded = {}) =>
    treeLines(layers, { ...view, expanded }).flatMap((line) =>
      line.kind === 'field' && line.open ? [line.field.name] : [],
    )

  it('open the innermost alone, else the one around it', () => {
    expect(open([frame, mqtt, record, msg])).toEqual(['usp.msg'])
    expect(open([frame, mqtt, record])).toEqual(['usp'])
    expect(open([frame, mqtt])).toEqual(['mqtt'])
    expect(open([frame, mqtt, layer('json', leaf('json.value', '', 4, 6))])).toEqual(['mqtt', 'json'])
    expect([innermostLayer([frame, mqtt, record, msg]), innermostLayer([frame, mqtt])]).toEqual([3, 1])
  })

  it('stay as a person left them, by name', () => {
    expect(open([frame, mqtt, record, msg], { mqtt: true, 'usp.msg': false })).toEqual(['mqtt'])
  })

  it('open where something is wrong in them', () => {
    const finding = { severity: 'error', text: 'No record type' } as const
    const faulty = layer('usp', { ...leaf('usp.from_id', 'a', 4, 6), finding })
    expect(open([frame, mqtt, faulty, msg])).toEqual(['usp', 'usp.msg'])
  })

  it('own their bytes from the inside out', () => {
    expect(innermostAt([frame, mqtt, record, msg], 9)).toBe('3.0')
    expect(innermostAt([frame, mqtt, record], 9)).toBe('2')
  })
})

describe('a narrow pane', () => {
  it('folds a value so that the link beside it fits, and wraps a remark whole', () => {
    const text = 'x'.repeat(100)
    const finding = {
      severity: 'note',
      text: 'A remark of a good many words, none of which may be lost.',
    } as const
    const narrow = treeLines([{ ...leaf('mqtt.topic', text, 0, 100), finding }], { ...view, columns: 60 })
    expect(narrow[0]).toMatchObject({ rest: 'all 100 characters' })
    expect(narrow[0]?.text.length).toBeLessThan(40)
    const remark = narrow.filter((line) => line.kind === 'finding')
    expect(remark.length).toBeGreaterThan(1)
    expect(remark.map((line) => line.text).join(' ')).toBe(finding.text)
    expect(treeLines([leaf('mqtt.topic', text, 0, 100)], { ...view, columns: 200 })[0]).toMatchObject({
      text,
    })
  })
})

describe('fields and bytes', () => {
  it.each([
    [0, '0'],
    [1, '0.0'],
    [5, '0.1.0'],
    [11, '0.1.1'],
    [12, '0'],
    [20, undefined],
  ])('byte %d belongs to %s', (offset, path) => expect(innermostAt(fields, offset)).toBe(path))

  it('finds a field by its path', () => {
    expect(fieldAt(fields, '0.1.0')?.name).toBe('mqtt.prop.session_expiry_interval')
    expect(fieldAt(fields, '0.7')).toBeUndefined()
    expect(fieldAt(fields, undefined)).toBeUndefined()
  })
})

describe('copies', () => {
  it('writes the tree as text', () => {
    expect(treeText(fields)).toBe(
      [
        'mqtt: QoS 0',
        '  mqtt.len: 18',
        '  mqtt.properties',
        '    mqtt.prop.session_expiry_interval: 0',
        '    mqtt.prop.response_topic: a/b',
        '      [warning: Not subscribed. (R-MQTT.27)]',
        '  mqtt.topic: inferred',
      ].join('\n'),
    )
  })

  it('writes integers beyond the exact range of JSON as strings', () => {
    const big = [{ ...leaf('usp.uint64', '', 0, 8), value: 2n ** 63n }]
    expect(JSON.parse(treeJson(big))).toMatchObject([{ value: '9223372036854775808' }])
  })
})
