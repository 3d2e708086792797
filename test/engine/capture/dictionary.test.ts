import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Dictionary } from '../../../electron/engine/capture/dictionary.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

describe('Dictionary', () => {
  test('names the same bytes by the same id, wherever they lie', () => {
    const words = new Dictionary()
    const bytes = utf8('..oktopus/usp/v1/agent/a..')
    const id = words.retain(bytes, 2, bytes.length - 2)
    expect(words.retainText('oktopus/usp/v1/agent/a')).toBe(id)
    expect(words.text(id)).toBe('oktopus/usp/v1/agent/a')
    expect(words.size).toBe(1)
  })

  test('keeps 0 for the empty string', () => {
    const words = new Dictionary()
    expect(words.retainText('')).toBe(0)
    expect(words.text(0)).toBe('')
    words.release(0)
    expect(words.size).toBe(0)
  })

  test('tells strings beyond ASCII, prefixes and a byte order mark apart', () => {
    const words = new Dictionary()
    const texts = ['é', 'e', 'éa', 'aé', '日本', '日', '\ufeffa', 'a', '😀', 'a'.repeat(70_000)]
    const ids = texts.map((text) => words.retainText(text))
    expect(new Set(ids).size).toBe(texts.length)
    expect(texts.map((text) => words.retainText(text))).toEqual(ids)
    expect(ids.map((id) => words.text(id))).toEqual(texts)
  })

  test('takes bytes that are not UTF-8 and finds them again', () => {
    const words = new Dictionary()
    const bytes = new Uint8Array([0x61, 0xff, 0x62])
    const id = words.retain(bytes, 0, 3)
    expect(words.retain(bytes, 0, 3)).toBe(id)
    expect(words.text(id)).toBe('a\ufffdb')
  })

  test('gives an id back with its last reference and says when it is used anew', () => {
    const assigned: number[] = []
    const words = new Dictionary((id) => assigned.push(id))
    const id = words.retainText('a')
    words.again(id)
    words.release(id)
    expect(words.text(id)).toBe('a')
    words.release(id)
    expect(words.size).toBe(0)
    expect(words.bytes).toBe(0)
    expect(words.retainText('b')).toBe(id)
    expect(assigned).toEqual([id, id])
  })

  test('an id that was given back has no text, nor has the empty string its text', () => {
    const words = new Dictionary()
    const ids = Array.from({ length: 3000 }, (_, i) => words.retainText(`topic/${i}`))
    for (const [i, id] of ids.entries()) expect(words.text(id)).toBe(`topic/${i}`)
    for (const id of ids) {
      words.text(id)
      words.release(id)
      expect(words.text(id)).toBe('')
      expect(words.text(0)).toBe('')
    }
    expect([...words.texts()]).toEqual([])
  })

  test('holds what it holds, however much comes and goes', () => {
    const words = new Dictionary()
    const texts = Array.from({ length: 100 }, (_, i) => `device/${i}/${'x'.repeat(i)}`)
    const ids = texts.map((text) => words.retainText(text))
    for (let i = 0; i < 50_000; i++) words.release(words.retainText(`passing/${i}`))
    expect(ids.map((id) => words.text(id))).toEqual(texts)
    expect(texts.map((text) => words.retainText(text))).toEqual(ids)
    expect([...words.texts()].sort()).toEqual([...texts].sort())
  })

  test('equals a plain map under any order of references given and taken', () => {
    const step = fc.record({ word: fc.integer({ min: 0, max: 400 }), release: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 1500, size: 'max' }), (steps) => {
        const words = new Dictionary()
        const model = new Map<string, { id: number; count: number }>()
        for (const { word, release } of steps) {
          const text = `topic/${word}`
          const known = model.get(text)
          if (release && known) {
            words.release(known.id)
            if (--known.count === 0) model.delete(text)
          } else if (!release) {
            const id = words.retainText(text)
            expect(id).toBe(known?.id ?? id)
            if (known) known.count += 1
            else model.set(text, { id, count: 1 })
          }
        }
        expect(words.size).toBe(model.size)
        expect(new Set([...model.values()].map(({ id }) => id)).size).toBe(model.size)
        for (const [text, { id }] of model) expect(words.text(id)).toBe(text)
      }),
      { numRuns: 40 },
    )
  })
})
