import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ruleColours } from '../../../shared/contract/look.ts'

const css = readFileSync(new URL('../../../renderer/ui/theme.css', import.meta.url), 'utf8')

function theme(name: string): Map<string, string> {
  const block = new RegExp(`\\[data-theme='${name}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? ''
  return new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((found) => [found[1]!, found[2]!]))
}

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

const grounds = [
  'bg',
  'panel',
  'raised',
  'select',
  'tint-bad',
  'tint-warn',
  ...ruleColours.map((colour) => `rule-${colour}`),
]
const texts = ['text', 'accent', 'ok', 'warn', 'bad', 'connect', 'publish', 'subscribe', 'end', 'usp']
// A selected row shows dim words in the full colour.
const dimTexts = ['dim', 'ack']
const dimGrounds = grounds.filter((ground) => ground !== 'select')

describe.each(['dark', 'light'])('%s theme', (name) => {
  const colors = theme(name)
  const of = (color: string) => colors.get(color) ?? expect.fail(`--${color} is not in the theme`)
  const pairs = [
    ...texts.flatMap((text) => grounds.map((ground) => [text, ground] as const)),
    ...dimTexts.flatMap((text) => dimGrounds.map((ground) => [text, ground] as const)),
    ['ack', 'select'] as const,
    ['on-accent', 'accent'] as const,
  ]
  it.each(pairs)('%s on %s can be read (4.5 : 1)', (text, ground) => {
    expect(contrast(of(text), of(ground))).toBeGreaterThanOrEqual(4.5)
  })
  it('shows the edge of a field (3 : 1)', () => {
    expect(contrast(of('edge'), of('panel'))).toBeGreaterThanOrEqual(3)
  })
})
