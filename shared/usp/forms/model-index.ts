/** The supported model of a device, laid out for looking up paths. */
import type {
  SupportedCommand,
  SupportedModel,
  SupportedObject,
  SupportedParameter,
} from '../../contract/data-model.ts'
import type { Part } from '../path.ts'

export class ModelIndex {
  readonly model: SupportedModel
  readonly #objects = new Map<string, SupportedObject>()
  readonly #children = new Map<string, string[]>()

  constructor(model: SupportedModel) {
    this.model = model
    for (const object of model.objects) {
      this.#objects.set(object.path, object)
      const [, parent, name] = /^((?:.+\.)?)([^.{}]+)\.(?:\{i\}\.)?$/.exec(object.path) ?? []
      if (parent === undefined || name === undefined) continue
      const names = this.#children.get(parent)
      if (names) names.push(name)
      else this.#children.set(parent, [name])
    }
  }

  /** The object of a path of the supported model: `Device.WiFi.SSID.{i}.` */
  object(path: string): SupportedObject | undefined {
    return this.#objects.get(path)
  }

  /** Names of what is directly below; of the root too, with an empty path. */
  children(path: string): readonly string[] {
    return this.#children.get(path) ?? []
  }

  /** A table without its rows (`Device.WiFi.SSID.`) as the object that stands for its rows. */
  table(path: string): SupportedObject | undefined {
    return this.#objects.get(`${path}{i}.`)
  }

  parameter(path: string, name: string): SupportedParameter | undefined {
    return this.#objects.get(path)?.parameters.find((one) => one.name === name)
  }

  /** A parameter by its path below an object, through single objects: `Stats.BytesSent`. */
  parameterBelow(path: string, relative: string): SupportedParameter | undefined {
    const cut = relative.lastIndexOf('.') + 1
    return this.parameter(path + relative.slice(0, cut), relative.slice(cut))
  }

  command(path: string, name: string): SupportedCommand | undefined {
    return this.#objects.get(path)?.commands.find((one) => one.name === name)
  }
}

/**
 * The path of the supported model that parts of a path belong to; undefined where they follow a reference, which
 * only the device knows.
 */
export function templateOf(parts: readonly Part[]): string | undefined {
  let path = ''
  for (const part of parts) {
    if (part.kind === 'follow') return undefined
    path += part.kind === 'name' ? `${part.name}.` : '{i}.'
  }
  return path
}
