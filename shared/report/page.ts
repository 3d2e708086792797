/** A report as one HTML file: no scripts, nothing from elsewhere, fit to be printed. */
import { escapeText } from './escape.ts'

const STYLE = `
  :root { color-scheme: light; }
  body { font: 13px/1.45 system-ui, sans-serif; color: #1b1f24; background: #fff; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #d0d7de; padding-bottom: .25rem; overflow-wrap: anywhere; }
  h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; break-after: avoid; }
  p { margin: .25rem 0; } .muted { color: #57606a; }
  .badge { display: inline-block; min-width: 4rem; margin-right: .25rem; padding: 0 .4rem; border-radius: 3px; font-size: 12px; font-weight: 600; text-align: center; vertical-align: 1px; border: 1px solid; }
  .red { color: #a40e26; } .amber { color: #7d4e00; } .blue { color: #0a58a8; } .green { color: #1a7037; } .grey { color: #57606a; }
  table { border-collapse: collapse; width: 100%; margin: .5rem 0; } th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #eaeef2; }
  td { font-variant-numeric: tabular-nums; } td.no { white-space: nowrap; width: 4.5rem; } td.time { white-space: nowrap; width: 11.5rem; }
  .count { text-align: right; width: 6rem; padding-right: 0; } .requirements { width: 34%; } .reason { width: 22%; } .requirement { white-space: nowrap; }
  a { color: inherit; }
  td, code { overflow-wrap: anywhere; } code, pre { font: 12px ui-monospace, monospace; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .25rem 0; }
  section { break-inside: auto; } tr { break-inside: avoid; }
  @media print { body { margin: 0; max-width: none; } }
`

export type BadgeColour = 'red' | 'amber' | 'blue' | 'green' | 'grey'

/** A word in a frame; colour never says more than the word. */
export const badge = (word: string, colour: BadgeColour): string =>
  `<span class="badge ${colour}">${escapeText(word)}</span>`

/** `title` is plain text, `body` HTML by lines. */
export const htmlPage = (title: string, body: readonly string[]): string =>
  [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${escapeText(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escapeText(title)}</h1>`,
    ...body,
    '</body></html>',
    '',
  ].join('\n')
