import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MemoryStore } from '../../../electron/engine/capture/store.ts'

describe('MemoryStore', () => {
  test('keeps a copy', () => {
    const store = new MemoryStore(64)
    const bytes = new Uint8Array([9, 1, 2, 3, 9])
    const offset = store.append(bytes, 1, 4)
    bytes.fill(0)
    expect([...store.read(offset, 3)]).toEqual([1, 2, 3])
  })

  test('gives a packet longer than a chunk one of its own', () => {
    const store = new MemoryStore(16)
    store.append(new Uint8Array(10), 0, 10)
    const offset = store.append(new Uint8Array(100).fill(7), 0, 100)
    expect(store.read(offset, 100).every((byte) => byte === 7)).toBe(true)
    expect(store.bytes).toBe(116)
    store.dropBefore(offset)
    expect(store.bytes).toBe(100)
    expect(() => store.read(0, 10)).toThrow('not in the capture any more')
  })

  test('goes on with its offsets after it was cleared', () => {
    const store = new MemoryStore(16)
    const before = store.append(new Uint8Array(10), 0, 10)
    store.clear()
    expect(store.bytes).toBe(0)
    expect(store.append(new Uint8Array(1), 0, 1)).toBeGreaterThan(before)
    expect(() => store.read(before, 10)).toThrow(RangeError)
  })

  test('reads what was appended and not dropped', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 80, size: 'max' })
    fc.assert(
      fc.property(lengths, fc.double({ min: 0, max: 1, noNaN: true }), (sizes, part) => {
        const store = new MemoryStore(32)
        const items = sizes.map((size, i) => {
          const bytes = new Uint8Array(size).fill(i)
          return { bytes, offset: store.append(bytes, 0, size) }
        })
        const kept = Math.floor(part * items.length)
        if (items[kept]) store.dropBefore(items[kept].offset)
        for (const { bytes, offset } of items.slice(kept)) {
          expect([...store.read(offset, bytes.length)]).toEqual([...bytes])
        }
      }),
    )
  })
})
