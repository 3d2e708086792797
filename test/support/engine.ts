/** A whole engine with the real capture worker, on free ports and in a folder of its own, for one test. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEngine } from '../../electron/engine/engine.ts'
import type { Engine, SettingsOverrides } from '../../electron/engine/types.ts'
import type { PacketRow } from '../../shared/contract/model.ts'
import { MAX_WINDOW } from '../../shared/contract/contract.ts'
import { captureWorkerUrl } from './worker.ts'

export interface TestEngine {
  readonly engine: Engine
  readonly folder: string
  readonly port: number
  readonly wsPort: number
  /** Every row of the capture that matches, in order. */
  rows(filter?: string, capture?: string): Promise<PacketRow[]>
  stop(): Promise<void>
}

export async function testEngine(overrides: SettingsOverrides = {}, workspace?: string): Promise<TestEngine> {
  const folder = workspace ?? (await mkdtemp(join(tmpdir(), 'oktobench-test-')))
  const engine = await startEngine({
    workspace: folder,
    host: 'browser',
    version: '0.0.0-test',
    captureWorker: await captureWorkerUrl(),
    overrides: {
      'listeners.tcp.port': 0,
      'listeners.tcp.host': '127.0.0.1',
      'listeners.ws.port': 0,
      'listeners.ws.host': '127.0.0.1',
      'listeners.tls.port': 0,
      'listeners.tls.host': '127.0.0.1',
      'listeners.wss.port': 0,
      'listeners.wss.host': '127.0.0.1',
      'nats.enabled': false,
      'access.open': true,
      // Most tests look at every packet, and those of the controller would be among them.
      'usp.controller': false,
      ...overrides,
    },
  })
  const portOf = (transport: string): number =>
    engine.current('bench').listeners.find((listener) => listener.transport === transport)?.port ?? 0
  return {
    engine,
    folder,
    port: portOf('tcp'),
    wsPort: portOf('ws'),
    async rows(filter = '', capture = 'live') {
      const view = engine.views.packets({ capture, filter }, () => undefined)
      try {
        const found: PacketRow[] = []
        for (;;) {
          const update = await view.read({ from: found.length, count: MAX_WINDOW, tail: false })
          found.push(...update.rows)
          if (update.progress === undefined && found.length >= update.total) return found
        }
      } finally {
        view.close()
      }
    },
    async stop() {
      await engine.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
