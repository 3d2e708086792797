/**
 * What stands in a recording for things that are different at every replay: texts of the recording, each with the
 * variable that takes its place. What is known of a text applies to all that comes after it.
 */
import { mapTexts, type Json } from '../json.ts'
import { asTemplate } from '../language/template.ts'

interface Known {
  readonly text: string
  readonly variable: string
  readonly template: string
  /** Where it stands for the text beside the whole: at its beginning (an instance path), or anywhere in it. */
  readonly part: Part
}
type Part = 'none' | 'start' | 'anywhere'

export class Names {
  /** Longest first, so that a path is not taken for the one it begins with. */
  #known: Known[] = []
  readonly #taken = new Set<string>()
  readonly #counts = new Map<string, number>()
  readonly used = new Set<string>()

  /** `name`, or with a number where `numbered` or taken. */
  free(name: string, numbered: boolean): string {
    for (;;) {
      const count = (this.#counts.get(name) ?? 0) + 1
      this.#counts.set(name, count)
      const free = numbered || count > 1 ? `${name}_${count}` : name
      if (this.#taken.has(free)) continue
      this.#taken.add(free)
      return free
    }
  }

  /** From now on the text is written as that variable and the suffix. Empty texts stand for nothing. */
  add(text: string, variable: string, part: Part = 'none', suffix = ''): void {
    if (text === '') return
    this.#known = this.#known.filter((one) => one.text !== text)
    this.#known.push({ text, variable, template: `\${${variable}}${suffix}`, part })
    this.#known.sort((one, other) => other.text.length - one.text.length)
  }

  /** The text as a template; other texts say just what they say. */
  template(text: string): string {
    const same = this.#known.find((one) => one.text === text)
    if (same) return this.#use(same)
    const path = this.#known.find((one) => one.part === 'start' && text.startsWith(one.text))
    if (path) return this.#use(path) + this.#inside(text.slice(path.text.length))
    return this.#inside(text)
  }

  #inside(text: string): string {
    const found = this.#known.find((one) => one.part === 'anywhere' && text.includes(one.text))
    if (!found) return asTemplate(text)
    return text.split(found.text).map(asTemplate).join(this.#use(found))
  }

  #use({ variable, template }: Known): string {
    this.used.add(variable)
    return template
  }

  /** Every text in a value that is sent. */
  templates(value: Json): Json {
    return mapTexts(value, (text) => this.template(text))
  }
}

/** `Device.LocalAgent.Subscription.2.` → `subscription`. */
export function variableOfPath(path: string): string {
  const table = /([A-Za-z_]\w*)\.\d+\.?$/.exec(path)?.[1] ?? 'object'
  return table.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase()
}
