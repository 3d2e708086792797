/** An answer or a Notify of a recording as the expectation of a flow. */
import { isList, isMap, mapOf, textOf, type Json, type JsonMap } from '../json.ts'
import { asTemplate } from '../language/template.ts'
import { literal } from '../matchers.ts'
import { variableOfPath, type Names } from './names.ts'
import { isSecret, volatileRule } from './volatile.ts'

/** A value that the recording does not expect again as it was: a person should agree. */
export interface ReviewItem {
  /** Number of the packet in the capture. */
  readonly packet: number
  /** Where in the body it stands. */
  readonly path: string
  readonly sample: Json
  readonly expected: Json
  readonly why: string
  /** The person may wish it expected as it was (`RecordOptions.exact`). */
  readonly canBeExact: boolean
}

/** By which a person names one: packet and path. */
export const reviewKey = ({ packet, path }: Pick<ReviewItem, 'packet' | 'path'>): string =>
  `${packet} ${path}`

/** Fields whose value is the path of a row that has just been made, and why its number differs. */
const MADE: Readonly<Record<string, string>> = {
  instantiated_path: 'the number of a row that was made',
  req_obj_path: 'the number of a request that was made',
}
/** Some agents leave out the dot at the end. */
const INSTANCE = /\.\d+(\.?)$/

export class Expectation {
  readonly #names: Names
  readonly #packet: number
  readonly #exact: ReadonlySet<string>
  readonly review: ReviewItem[] = []
  /** Rows that were made: path in the recording, and the variable that is bound to the new one. */
  readonly made: { readonly path: string; readonly variable: string; readonly isRow: boolean }[] = []

  constructor(names: Names, packet: number, exact: ReadonlySet<string> = new Set()) {
    this.#names = names
    this.#packet = packet
    this.#exact = exact
  }

  of(body: JsonMap): JsonMap {
    return this.#map(body, '', '')
  }

  /** `about` is the path of the object or parameter that the values belong to, where that is known. */
  #map(map: JsonMap, place: string, about: string): JsonMap {
    const own = map['resolved_path'] ?? map['param_path'] ?? map['obj_path']
    const path = typeof own === 'string' ? own : about
    return mapOf(
      Object.entries(map).map(([name, value]) => {
        const at = place === '' ? name : `${place}.${name}`
        // A value has the path of its parameter; a field of a message has its own name.
        const full =
          name === 'param_value' ? path : `${path}${path === '' || path.endsWith('.') ? '' : '.'}${name}`
        return [asTemplate(name), this.#value(name, value, at, full, path)]
      }),
    )
  }

  #value(name: string, value: Json, place: string, full: string, about: string): Json {
    if (isList(value))
      return value.map((item, index) => this.#value(name, item, `${place}[${index}]`, full, about))
    if (isMap(value)) return this.#map(value, place, about)
    if (isSecret(full) && value !== '') return '$present'
    const made = MADE[name]
    if (made !== undefined && typeof value === 'string' && INSTANCE.test(value)) {
      return this.#made(value, place, made, name === 'instantiated_path')
    }
    const template = typeof value === 'string' ? this.#names.template(value) : value
    // What is known by a name is no volatile value.
    if (typeof template === 'string' && template !== asTemplate(textOf(value))) return template
    const rule = volatileRule(full, textOf(value))
    if (rule === undefined) return literal(value)
    const isExact = this.#exact.has(reviewKey({ packet: this.#packet, path: place }))
    const expected = isExact ? literal(value) : { ...rule.matcher, $sample: value }
    return this.#reviewed(place, value, expected, rule.why, true)
  }

  #made(path: string, place: string, why: string, isRow: boolean): Json {
    const dot = INSTANCE.exec(path)?.[1] ?? ''
    const variable = this.#names.free(variableOfPath(path), true)
    const table = this.#names.template(path.replace(/\d+\.?$/, ''))
    if (dot === '') this.#names.add(path, variable)
    this.#names.add(dot === '' ? `${path}.` : path, variable, 'start', dot === '' ? '.' : '')
    this.made.push({ path, variable, isRow })
    // A table below a row that was made itself has another path at each replay.
    const begin = table.includes('${') ? '' : `^${table.slice(0, -1).replaceAll('.', '\\.')}`
    const pattern = `${begin}\\.\\d+${dot === '' ? '' : '\\.'}$`
    return this.#reviewed(place, path, { $bind: variable, $pattern: pattern, $sample: path }, why)
  }

  #reviewed(path: string, sample: Json, expected: Json, why: string, canBeExact = false): Json {
    this.review.push({ packet: this.#packet, path, sample, expected, why, canBeExact })
    return expected
  }
}
