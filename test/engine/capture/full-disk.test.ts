/** A disk that is full, for real: recording pauses and says so, devices are served on, and it goes on by itself. */
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { expect, test } from 'vitest'
import { testEngine } from '../../support/engine.ts'
import { canMountSmallDisk, mountSmallDisk } from '../../support/small-disk.ts'

const MIB = 1024 * 1024
const name = canMountSmallDisk
  ? 'a full disk pauses the capture until there is room, and nothing else'
  : 'a full disk [needs leave to mount a tmpfs: run as root on Linux]'

test.runIf(canMountSmallDisk)(
  name,
  async () => {
    const disk = await mountSmallDisk(12)
    const bench = await testEngine({}, join(disk.path, 'workspace'))
    try {
      const ballast = join(disk.path, 'ballast')
      writeFileSync(ballast, new Uint8Array(6 * MIB))
      const state = () => bench.engine.current('capture')
      const url = `mqtt://127.0.0.1:${bench.port}`
      const reader = await connectAsync(url, { protocolVersion: 5, clientId: 'reader' })
      await reader.subscribeAsync('lab/#', { qos: 1 })
      const writer = await connectAsync(url, { protocolVersion: 5, clientId: 'writer' })
      const say = async (topic: string, payload: Buffer | string) => {
        const heard = new Promise<string>((resolve) => reader.once('message', resolve))
        await writer.publishAsync(topic, payload, { qos: 1 })
        expect(await heard).toBe(topic)
      }

      await say('lab/first', 'x')
      for (let i = 0; state().trouble === undefined; i++) {
        expect(i).toBeLessThan(200)
        await say('lab/large', Buffer.alloc(100_000))
      }
      expect(state()).toMatchObject({
        recording: false,
        trouble: expect.stringMatching(/^The disk is full: nothing is recorded until there is room\. Delete/),
      })
      const { bavail, bsize } = statfsSync(disk.path)
      expect(bavail * bsize).toBeLessThan(200_000)

      // Devices notice nothing; what is not recorded is counted.
      const { lostFrames } = state()
      for (let i = 0; i < 20; i++) await say('lab/unseen', Buffer.alloc(50_000))
      expect(state().lostFrames).toBeGreaterThan(lostFrames + 40)
      expect(await bench.rows('mqtt.topic == "lab/first"')).toHaveLength(2)

      rmSync(ballast)
      await expect.poll(() => state().recording, { timeout: 10_000 }).toBe(true)
      expect(state()).not.toHaveProperty('trouble')
      await say('lab/again', 'x')
      await expect
        .poll(() => bench.rows('mqtt.topic == "lab/again"'))
        .toMatchObject([
          { device: 'writer', direction: 'in' },
          { device: 'reader', direction: 'out' },
        ])
      expect(await bench.rows('mqtt.topic == "lab/unseen"')).toEqual([])
      const large = await bench.rows('mqtt.topic == "lab/large"')
      const [first, last] = [large[0], large.at(-1)].map((one) => one?.no ?? 0)
      for (const no of [first, last]) {
        const { bytes } = await bench.engine.handlers['packets.get']({ capture: 'live', no: no ?? 0 })
        expect(bytes.length).toBeGreaterThan(100_000)
      }
      await Promise.all([reader.endAsync(), writer.endAsync()])
    } finally {
      await bench.stop()
      await disk.unmount()
    }
  },
  60_000,
)
