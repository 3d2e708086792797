import { describe, expect, test } from 'vitest'
import { MAX_DEPTH, MAX_FIELDS } from '../../../../shared/dissect/content/view.ts'
import { xmlView } from '../../../../shared/dissect/content/xml.ts'
import { findings } from '../../usp/tree.ts'
import { dissect, outline, utf8 } from './support.ts'

const read = (text: string) => dissect(xmlView, utf8(text))
const faults = (text: string) => findings([read(text)]).map((finding) => finding.text)

test('elements, attributes and text with their ranges', () => {
  const text = '<?xml version="1.0"?><a x="1 &lt; 2" y=\'\u00e9\'><b>t &amp; u</b><c/></a>'
  expect(outline(read(text).children ?? [])).toEqual(
    [
      'processing instruction = <?xml version="1.0"?> [0, 21)',
      'a =  [21, 72)',
      '  x = 1 < 2 [24, 36)',
      '  y = \u00e9 [37, 43)',
      '  b = t & u [44, 60)',
      '    text = t & u [47, 56)',
      '  c =  [60, 64)',
    ].map((line) => line.replace('[21, 72)', `[21, ${Buffer.from(text).length})`)),
  )
})

test('laid out a tag a line, short elements whole', () => {
  expect(xmlView.text(utf8('<?xml version="1.0"?><a x="1"><b>t</b><!-- c --><d><e/></d></a>'))).toBe(
    [
      '<?xml version="1.0"?>',
      '<a x="1">',
      '  <b>t</b>',
      '  <!-- c -->',
      '  <d>',
      '    <e/>',
      '  </d>',
      '</a>',
    ].join('\n'),
  )
})

test('a document type is shown, CDATA is not looked into', () => {
  const text = '<!DOCTYPE a [<!ENTITY x "y>">]><a><![CDATA[<b>&x;]]></a>'
  expect(faults(text)).toEqual([])
  expect(read(text).children?.map(({ label }) => label)).toEqual(['document type', 'a'])
  expect(xmlView.text(utf8(text)).replaceAll(/\n */g, '')).toBe(text)
})

describe('what is not sound is told at its bytes', () => {
  test.each([
    ['<a><b></a>', '<b> is not closed before </a>'],
    ['<a>', '<a> is not closed'],
    ['<a></b></a>', '</b> closes no open element'],
    ['<a x=1></a>', 'The tag <a is not sound'],
    ['<a>1 < 2</a>', 'A < that opens no tag'],
    ['<!-- x', 'The comment is not closed: --> is missing'],
    ['x<a/>', 'Text outside of an element'],
  ])('%s: %s', (text, fault) => {
    expect(faults(text)).toContain(fault)
    expect(xmlView.text(utf8(text)).replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
  })

  test('a byte order mark is none of it', () => {
    expect(faults('\ufeff<a/>')).toEqual([])
  })
})

test('hostile sizes end in a remark', () => {
  expect(faults('<a>'.repeat(200_000))).toContain(
    `Nested deeper than ${MAX_DEPTH} levels: from here on not opened`,
  )
  expect(faults(`<a>${'<b/>'.repeat(MAX_FIELDS + 5)}</a>`)[0]).toMatch(/not closed/)
  expect(faults(`<a ${'b="" '.repeat(MAX_FIELDS + 5)}/>`)).toHaveLength(1)
  const before = performance.now()
  read('<!a>'.repeat(200_000))
  read(`<a ${' '.repeat(400_000)}`)
  expect(performance.now() - before).toBeLessThan(5000)
})
