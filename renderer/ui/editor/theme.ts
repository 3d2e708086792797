/** The look of text that is edited, from the colours of the bench; both themes, as variables reach into it. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const frame = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--bg)', color: 'var(--text)', fontSize: '12px' },
  '&.cm-focused': { outline: 'none', boxShadow: 'inset 0 0 0 1px var(--accent)' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '18px', fontVariantLigatures: 'none' },
  '.cm-content': { caretColor: 'var(--text)', padding: '6px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--dim)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--raised)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--accent) 30%, transparent)',
  },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--raised) 60%, transparent)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--select)',
    outline: '1px solid var(--edge)',
  },
  '.cm-panels': { backgroundColor: 'var(--panel)', color: 'var(--text)', borderColor: 'var(--line)' },
  '.cm-panel.cm-search': { fontFamily: 'var(--font)', fontSize: '12px' },
  '.cm-textfield': { backgroundColor: 'var(--bg)', borderColor: 'var(--edge)', color: 'var(--text)' },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--raised)',
    borderColor: 'var(--line)',
    color: 'var(--text)',
  },
  '.cm-searchMatch': { backgroundColor: 'color-mix(in srgb, var(--warn) 35%, transparent)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--panel)',
    color: 'var(--text)',
    border: '1px solid var(--edge)',
    borderRadius: 'var(--radius)',
    fontFamily: 'var(--font)',
    fontSize: '12px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-mono)', maxHeight: '22em' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--select)',
    color: 'var(--text)',
  },
  '.cm-completionDetail': { color: 'var(--dim)', fontStyle: 'normal', fontFamily: 'var(--font)' },
  '.cm-diagnostic': { padding: '4px 10px', maxWidth: '60ch' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad) 1px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn) 1px' },
  '.cm-lintRange-active': { backgroundColor: 'var(--raised)' },
  '.cm-foldPlaceholder': {
    backgroundColor: 'var(--raised)',
    borderColor: 'var(--line)',
    color: 'var(--dim)',
  },
  '.cm-explained': { padding: '4px 10px', maxWidth: '60ch' },
  '.cm-marks': { minWidth: '28px' },
  '.cm-marks .cm-gutterElement': { display: 'flex', justifyContent: 'end', gap: '2px', padding: '0 2px' },
  '.cm-mark.is-break': { color: 'var(--bad)' },
  '.cm-mark.is-ok': { color: 'var(--ok)' },
  '.cm-mark.is-bad': { color: 'var(--bad)' },
  '.cm-mark.is-here': { color: 'var(--accent)' },
  '.cm-mark.is-off': { color: 'var(--dim)' },
  '.cm-gutter-lint': { width: '14px' },
  '.cm-placeholder': { color: 'var(--dim)' },
})

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--publish)' },
  { tag: tags.string, color: 'var(--usp)' },
  { tag: tags.number, color: 'var(--subscribe)' },
  { tag: [tags.bool, tags.null, tags.keyword], color: 'var(--connect)' },
  { tag: tags.comment, color: 'var(--dim)' },
  { tag: tags.invalid, color: 'var(--bad)' },
])

export const editorLook: readonly Extension[] = [frame, syntaxHighlighting(colours)]
