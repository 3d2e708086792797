/** How the controller speaks to each device, where a person said so; kept in `usp-devices.json` of the workspace. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import * as v from 'valibot'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { deviceUspSettings, type DeviceUspSettings } from '../../../shared/contract/usp.ts'
import { errorCode, setAside, writeWhole } from '../workspace/files.ts'

const FILE_VERSION = 1
const MAX_DEVICES = 20_000

const fileSchema = v.object({
  version: v.literal(FILE_VERSION),
  devices: v.record(v.string(), deviceUspSettings),
})

export class DeviceSettings {
  readonly #path: string
  #devices: ReadonlyMap<string, DeviceUspSettings>
  /** Writes go one after the other. */
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(path: string, devices: ReadonlyMap<string, DeviceUspSettings>) {
    this.#path = path
    this.#devices = devices
  }

  /** A file that cannot be read is set aside and told; every device goes by itself then. */
  static async open(path: string, onProblem: (text: string) => void): Promise<DeviceSettings> {
    try {
      const file = v.parse(fileSchema, JSON.parse(await readFile(path, 'utf8')))
      return new DeviceSettings(path, new Map(Object.entries(file.devices)))
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') {
        const why = error instanceof Error ? error.message : String(error)
        const aside = await setAside(path, new Date())
        onProblem(`${basename(path)} cannot be read: ${why}. It is kept as ${basename(aside)}.`)
      }
      return new DeviceSettings(path, new Map())
    }
  }

  of(endpointId: string): DeviceUspSettings {
    return this.#devices.get(endpointId) ?? {}
  }

  /** Rejects with a BenchFailure `unavailable` when it cannot be kept; nothing is changed then. */
  set(endpointId: string, settings: DeviceUspSettings): Promise<void> {
    const done = this.#writing.then(() => this.#write(endpointId, settings))
    this.#writing = done.catch(() => undefined)
    return done
  }

  async #write(endpointId: string, settings: DeviceUspSettings): Promise<void> {
    const next = new Map(this.#devices)
    if (Object.keys(settings).length === 0) next.delete(endpointId)
    else next.set(endpointId, settings)
    if (next.size > MAX_DEVICES) {
      throw new BenchFailure('unavailable', `Settings of more than ${MAX_DEVICES} devices are not kept.`)
    }
    const file = { version: FILE_VERSION, devices: Object.fromEntries(next) }
    try {
      await writeWhole(this.#path, `${JSON.stringify(file, undefined, 2)}\n`)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new BenchFailure('unavailable', `${this.#path} cannot be written: ${why}.`)
    }
    this.#devices = next
  }
}
