import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMsg, encodeMsg, makeMsg } from '../../../shared/usp/codec.ts'
import { Header_MsgType } from '../../../shared/usp/gen/usp-msg_pb.ts'
import { Player, Sar, type Wish } from './session-player.ts'

test('Msgs come whole and in order out of any segmentation, loss and repetition', () => {
  const msgs = fc.array(fc.string({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 6 })
  const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 60 }))
  // Each Record is sent up to `delay` places late, and some of them twice.
  const fates = fc.infiniteStream(fc.record({ delay: fc.integer({ min: 0, max: 5 }), twice: fc.boolean() }))
  fc.assert(
    fc.property(msgs, cuts, fates, (texts, sizes, fate) => {
      const payloads = texts.map((text, index) =>
        encodeMsg(
          makeMsg({
            header: { msgId: `${index}`, msgType: Header_MsgType.GET },
            body: { msgBody: { case: 'error', value: { errMsg: text } } },
          }),
        ),
      )
      const sent: Wish[] = []
      for (const payload of payloads) {
        const pieces: Uint8Array[] = []
        for (let at = 0; at < payload.length;) {
          const size = Number(sizes.next().value)
          pieces.push(payload.slice(at, at + size))
          at += size
        }
        pieces.forEach((piece, index) => {
          const last = index === pieces.length - 1
          const begin = last ? Sar.NONE : Sar.BEGIN
          const sar = index === 0 ? begin : last ? Sar.COMPLETE : Sar.INPROCESS
          sent.push({ sequence: BigInt(sent.length + 1), sar, payload: [piece] })
        })
      }
      const arriving = sent
        .flatMap((wish, index) => {
          const { delay, twice } = fate.next().value
          const late = { wish, place: index + delay }
          return twice ? [{ wish, place: index + 0.5 }, late] : [late]
        })
        .sort((a, b) => a.place - b.place)
      const player = new Player().play(...arriving.map(({ wish }) => wish))
      const whole = player.steps.flatMap(({ assembled }) => assembled)
      // The session may be seen from its second Record on; then the first Msgs are lost to the observer.
      if (arriving[0]?.wish.sequence === 1n) {
        expect(whole.map(({ bytes }) => bytes)).toEqual(payloads)
        expect(
          player.steps.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'error'),
        ).toEqual([])
      }
      for (const { bytes, parts } of whole) {
        const joined = Buffer.concat(
          parts.map(({ packet, start, end }) => player.packets[packet - 1]!.subarray(start, end)),
        )
        expect(joined.equals(bytes ?? Buffer.alloc(0))).toBe(true)
        if (arriving[0]?.wish.sequence === 1n) expect(() => decodeMsg(bytes!)).not.toThrow()
      }
      expect(player.contexts.waitingBytes === 0 || arriving[0]?.wish.sequence !== 1n).toBe(true)
    }),
    { numRuns: 100 },
  )
})
