/** A ladder as a standalone SVG file: no style sheet, no script, fonts by name. Pure. */
import type { PacketRow } from '../../../shared/contract/model.ts'
import { timeOfDay } from '../../ui/format.ts'
import {
  ARROW_Y,
  HEADER,
  LABEL_Y,
  LANES_LEFT,
  laneX,
  ROW,
  rungs,
  TIME_WIDTH,
  wholeGeometry,
  type Geometry,
  type Rung,
} from './layout.ts'
import type { Lane } from './lanes.ts'

export interface LadderFile {
  /** What is shown, e.g. the name of the capture and the filter. */
  readonly title: string
  readonly rows: readonly PacketRow[]
  readonly lanes: readonly Lane[]
  /** Rows of the list in all: more than `rows` and the file says that it is a part. */
  readonly total: number
}

/** Those of the light theme: paper is white. */
const colours: Readonly<Record<string, string>> = {
  connect: '#6a33bd',
  publish: '#0757b8',
  subscribe: '#7d5300',
  ack: '#535e6c',
  end: '#b31d28',
}
const TEXT = '#1d242d'
const DIM = '#535e6c'
const LINE = '#c3cad4'
const WIDTH = 1200
const TITLE = 52
/** Mean width of a character of 12 px sans-serif. */
const CHARACTER = 6.3

export function ladderSvg({ title, rows, lanes, total }: LadderFile): string {
  const geometry = wholeGeometry(lanes, WIDTH)
  const height = TITLE + HEADER + rows.length * ROW + 12
  const part =
    rows.length < total
      ? `Part: ${rows.length} of ${total} packets, no. ${rows[0]?.no ?? 0} to ${rows.at(-1)?.no ?? 0}`
      : `${rows.length} packets`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" width="${geometry.width}" height="${height}" viewBox="0 0 ${geometry.width} ${height}" font-family="Inter, 'Segoe UI', Arial, sans-serif" font-size="12">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${geometry.width}" height="${height}" fill="#ffffff"/>`,
    text(12, 22, title, { fill: TEXT, 'font-size': 15, 'font-weight': 600 }),
    text(12, 40, `${part}. Times are UTC. Beside an answer: the packet it answers, and how long that took.`, {
      fill: DIM,
    }),
    ...lanes.map((lane, index) => laneHead(geometry, lane, index, height)),
    ...rungs(rows, geometry).map((rung, index) => drawRung(rung, TITLE + HEADER + index * ROW, geometry)),
    '</svg>',
    '',
  ].join('\n')
}

function laneHead(geometry: Geometry, { title }: Lane, index: number, height: number): string {
  const x = laneX(geometry, index)
  const fits = cut(title, geometry.laneWidth - 12)
  return [
    `<line x1="${x}" y1="${TITLE + HEADER - 6}" x2="${x}" y2="${height - 6}" stroke="${LINE}"/>`,
    text(x, TITLE + 20, fits, { fill: TEXT, 'font-weight': 600, 'text-anchor': 'middle' }, title),
  ].join('')
}

function drawRung(
  { row, tail, head, label, meaning, trouble, gap, answers }: Rung,
  top: number,
  geometry: Geometry,
): string {
  const colour = colours[meaning] ?? DIM
  const [left, right] = [Math.min(tail, head), Math.max(tail, head)]
  const y = top + ARROW_Y
  const tip = head > tail ? -7 : 7
  const whole = trouble ? `${verdictWord(row)}: ${label}` : label
  return [
    gap === undefined
      ? ''
      : `<line x1="${TIME_WIDTH}" y1="${top}" x2="${geometry.width}" y2="${top}" stroke="${LINE}" stroke-dasharray="2 4"/>${text(TIME_WIDTH - 8, top + 5, gap, { fill: DIM, 'font-size': 10, 'text-anchor': 'end' })}`,
    text(8, y + 1, `${row.no}`, { fill: DIM, 'font-size': 11 }),
    text(TIME_WIDTH - 8, y + 1, timeOfDay(row, 3), { fill: DIM, 'font-size': 11, 'text-anchor': 'end' }),
    `<line x1="${tail}" y1="${y}" x2="${head}" y2="${y}" stroke="${colour}" stroke-width="1.5"${trouble ? ' stroke-dasharray="5 3"' : ''}/>`,
    trouble
      ? `<path d="M${head + tip * 0.2 - 4} ${y - 4}l8 8m0-8l-8 8" stroke="${colour}" stroke-width="1.8" fill="none"/>`
      : `<path d="M${head} ${y}l${tip} -4v8z" fill="${colour}"/>`,
    text(left + 10, top + LABEL_Y, cut(whole, right - left - 20), { fill: colour }, whole),
    answers === undefined
      ? ''
      : text(LANES_LEFT - 8, y + 1, `${answers.no}: ${answers.after}`, {
          fill: DIM,
          'font-size': 11,
          'text-anchor': 'end',
        }),
  ].join('')
}

const verdictWord = ({ kind, verdict }: PacketRow): string => (kind === 'malformed' ? 'malformed' : verdict)

/** What fits into `width` pixels; what is left out stands in the title of the text. */
function cut(label: string, width: number): string {
  const fits = Math.max(1, Math.floor(width / CHARACTER))
  const characters = [...label]
  return characters.length <= fits ? label : `${characters.slice(0, fits - 1).join('')}…`
}

function text(
  x: number,
  y: number,
  shown: string,
  attributes: Readonly<Record<string, string | number>>,
  whole = shown,
): string {
  const list = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`)
  const title = whole === shown ? '' : `<title>${escape(whole)}</title>`
  return `<text x="${x}" y="${y}"${list.join('')}>${title}${escape(shown)}</text>`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** XML 1.0 has no place at all for most control characters and for lone surrogates (section 2.2). */
const isXmlCharacter = (code: number): boolean =>
  code === 0x9 ||
  code === 0xa ||
  code === 0xd ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  code >= 0x10000

export const escape = (value: string): string =>
  Array.from(value, (character) =>
    isXmlCharacter(character.codePointAt(0) ?? 0) ? (entities[character] ?? character) : '\ufffd',
  ).join('')
