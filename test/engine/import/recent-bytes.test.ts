/** The ring of bytes that were read last. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecentBytes } from '../../../electron/engine/import/recent-bytes.ts'

const RING = 16

test('has the last bytes of a file by their place, whatever the pieces it comes in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(2 * RING + 3), { maxLength: 8 }),
      fc.nat(60),
      fc.nat(20),
      (sizes, place, count) => {
        const recent = new RecentBytes(RING)
        let end = 0
        for (const size of sizes) {
          recent.add(Uint8Array.from({ length: size }, (_, i) => end + i))
          end += size
        }
        const isThere = place >= end - RING && place + count <= end
        const wanted = isThere ? Uint8Array.from({ length: count }, (_, i) => place + i) : undefined
        expect(recent.at(place, count)).toEqual(wanted)
      },
    ),
    { numRuns: 2000 },
  )
})

test('knows nothing of a place that is not known', () => {
  const recent = new RecentBytes(RING)
  recent.add(new Uint8Array(RING))
  expect(recent.at(NaN, 1)).toBeUndefined()
})
