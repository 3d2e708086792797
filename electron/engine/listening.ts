/** The four listeners of a bench and their settings. */
import type { EngineHandlers } from '../../shared/contract/contract.ts'
import { TRANSPORTS, type ListenerState, type Transport } from '../../shared/contract/model.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import type { SettingValue } from '../../shared/contract/settings.ts'
import { Listener, type ListenerOptions, type ListenerSettings } from './broker/listeners.ts'
import type { SettingName, Settings } from './workspace/settings.ts'
import type { Workspace } from './workspace/workspace.ts'

export interface Listening {
  readonly states: readonly ListenerState[]
  readonly handlers: Pick<EngineHandlers, 'listeners.set'>
  open(): Promise<void>
  close(): Promise<void>
  /** Shows the certificate as it is now. */
  refreshTls(): void
  /** Keeps a setting `listeners.…` and puts it in force; undefined for any other. */
  live(name: SettingName): ((value: SettingValue) => Promise<void>) | undefined
}

export interface ListeningOptions extends Omit<ListenerOptions, 'transport' | 'settings'> {
  readonly workspace: Pick<Workspace, 'settings' | 'save'>
  readonly changed: () => void
}

export function createListening({ workspace, changed, ...options }: ListeningOptions): Listening {
  const listeners = TRANSPORTS.map(
    (transport) =>
      new Listener({ ...options, transport, settings: settingsOf(workspace.settings, transport) }),
  )

  async function apply(transport: Transport): Promise<void> {
    const listener = listeners.find((one) => one.transport === transport)
    await listener?.change(settingsOf(workspace.settings, transport))
    changed()
    const { state, message } = listener?.state ?? {}
    if (state === 'failed') throw new BenchFailure('unavailable', message ?? 'The listener did not open.')
  }

  return {
    get states() {
      return listeners.map((listener) => listener.state)
    },
    handlers: {
      async 'listeners.set'({ transport, ...change }) {
        const wished = Object.entries(change).filter(([, value]) => value !== undefined)
        const named = wished.map(([key, value]) => [`listeners.${transport}.${key}`, value])
        try {
          await workspace.save(Object.fromEntries(named) as Partial<Settings>)
        } finally {
          await apply(transport)
        }
      },
    },
    async open() {
      await Promise.all(listeners.map((listener) => listener.open()))
    },
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()))
    },
    refreshTls: () => listeners.forEach((listener) => listener.refreshTls()),
    live(name) {
      const [part, transport] = name.split('.')
      if (part !== 'listeners') return undefined
      return async (value) => {
        await workspace.save({ [name]: value })
        await apply(transport as Transport)
        // Both kinds of WebSocket have one path.
        if (name === 'listeners.ws.path') await apply('wss')
      }
    },
  }
}

const settingsOf = (settings: Settings, transport: Transport): ListenerSettings => ({
  enabled: settings[`listeners.${transport}.enabled`],
  host: settings[`listeners.${transport}.host`],
  port: settings[`listeners.${transport}.port`],
  path: settings['listeners.ws.path'],
})
