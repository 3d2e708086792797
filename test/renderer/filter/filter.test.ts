import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { highlight } from '../../../shared/filter/highlight.ts'
import { completionChoices, storedChoices } from '../../../renderer/filter/choices.ts'
import { joinFilters } from '../../../renderer/filter/join.ts'
import { keyQuestionFor, questionFor } from '../../../renderer/filter/known-values.ts'
import { mended, segments } from '../../../renderer/filter/segments.ts'

describe('segments', () => {
  it('hold the whole text, whatever it is', () => {
    const words = fc.constantFrom(
      'mqtt.topic',
      '==',
      '"a b"',
      'and',
      '(',
      ')',
      'usp.type',
      'NOTIFY',
      '7',
      '~',
      '"open',
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 12 }).map((list) => list.join(' ')),
    )
    fc.assert(
      fc.property(text, (typed) => {
        const pieces = segments(typed, highlight(typed))
        expect(pieces.map((piece) => piece.text).join('')).toBe(typed)
        expect(pieces.every((piece) => piece.text.length > 0)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('say what each token is, and where the error is', () => {
    const text = 'usp.type == NOTIFY and mqtt.topik'
    const classes = segments(text, highlight(text)).filter((piece) => piece.text.trim())
    expect(classes).toEqual([
      { text: 'usp.type', class: 'field' },
      { text: '==', class: 'operator' },
      { text: 'NOTIFY', class: 'enum' },
      { text: 'and', class: 'operator' },
      { text: 'mqtt.topik', class: 'error' },
    ])
  })
})

describe('hints', () => {
  const mend = (text: string) => {
    const parsed = parseFilter(text)
    return parsed.ok ? expect.fail(`${text} has no error`) : mended(text, parsed.error)
  }
  it('put right what they name', () => {
    expect(mend('mqtt.topik == "a" and marked')).toBe('mqtt.topic == "a" and marked')
    expect(mend('mqtt.topic is "a"')).toBe('mqtt.topic == "a"')
  })
  it('are only read where they name nothing to put', () => {
    expect(mend('mqtt.topic ==')).toBeUndefined()
  })
})

describe('joining', () => {
  it('keeps what each filter says', () => {
    expect(joinFilters('', 'and', 'marked')).toBe('marked')
    expect(joinFilters('usp', 'replace', 'marked')).toBe('marked')
    expect(joinFilters('usp or marked', 'and', 'mqtt.qos == 1')).toBe('(usp or marked) and mqtt.qos == 1')
    expect(joinFilters('usp and marked', 'and', 'mqtt.qos == 1')).toBe('usp and marked and mqtt.qos == 1')
    expect(joinFilters('usp', 'or', 'marked and mqtt.qos == 1')).toBe('usp or (marked and mqtt.qos == 1)')
  })
  it('does not mix words or errors with expressions', () => {
    expect(joinFilters('boot router', 'and', 'marked')).toBeUndefined()
    expect(joinFilters('marked', 'and', 'boot router')).toBeUndefined()
    expect(joinFilters('mqtt.topic ==', 'or', 'marked')).toBeUndefined()
  })
})

describe('choices', () => {
  const known = { values: () => ['oktopus/usp/v1/agent/a', 'oktopus/usp/v1/agent/b'] }
  const labels = (text: string, caret = text.length) =>
    completionChoices(text, caret, known).map(({ label }) => label)

  it('complete fields, operators, names of values and what was seen', () => {
    expect(labels('mqtt.top')[0]).toBe('mqtt.topic')
    expect(labels('mqtt.topic ')).toContain('~')
    expect(labels('usp.type == NOT')).toEqual(expect.arrayContaining(['NOTIFY', 'NOTIFY_RESP']))
    expect(labels('mqtt.topic == "okt')).toEqual(known.values())
  })
  it('put the text in place and the caret behind it', () => {
    const [first] = completionChoices('mqtt.top and marked', 8, known)
    expect(first).toMatchObject({ text: 'mqtt.topic and marked', caret: 10 })
    const [value] = completionChoices('mqtt.topic == "okt', 18, known)
    expect(value?.text).toBe('mqtt.topic == "oktopus/usp/v1/agent/a"')
  })
  it('end where the text is complete', () => {
    expect(labels('usp.type == NOTIFY_RESP')).toEqual([])
  })
  it('offer saved filters before those used before', () => {
    const stored = storedChoices([{ name: 'Boots', filter: 'usp.type == NOTIFY' }], ['marked'])
    expect(stored.map(({ kind, label, text }) => [kind, label, text])).toEqual([
      ['saved', 'Boots', 'usp.type == NOTIFY'],
      ['recent', 'marked', 'marked'],
    ])
  })
  it('ask the capture only for what it can list', () => {
    expect(questionFor('usp.from_id', 'os::')).toEqual({
      key: 'device os::',
      field: 'device',
      prefix: 'os::',
    })
    expect(questionFor('mqtt.qos', '1')).toBeUndefined()
    expect(questionFor('mqtt.prop.user', 'usp')).toBeUndefined()
    expect(keyQuestionFor('mqtt.prop.user', 'usp')).toMatchObject({ field: 'mqtt.prop.user', prefix: 'usp' })
    expect(keyQuestionFor('mqtt.topic', 'usp')).toBeUndefined()
  })
})
