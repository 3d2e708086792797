/**
 * A text editor (CodeMirror) for JSON and whatever language it is given. It lives in a shadow root: there it brings
 * its styles as adopted sheets, which `style-src 'self'` allows, where a style element would be refused.
 */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type CompletionSource,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from '@codemirror/language'
import { setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Annotation, EditorState, Prec, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { editorLook } from './theme.ts'

export interface Remark {
  readonly from: number
  readonly to: number
  readonly severity: 'error' | 'warning'
  readonly text: string
}

interface Props {
  readonly label: string
  readonly value: string
  /** Only what a person typed is told, not a value that came from outside. Absent: it cannot be typed into. */
  readonly onChange?: (value: string) => void
  /** Ctrl Enter. */
  readonly onSubmit?: () => void
  readonly language: Extension
  readonly remarks?: readonly Remark[]
  readonly complete?: CompletionSource
}

const fromOutside = Annotation.define<true>()

export function CodeEditor({ label, value, onChange, onSubmit, language, remarks, complete }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  // Listeners are registered once and read what the last render knew.
  const latest = useRef({ value, onChange, onSubmit, complete })
  useEffect(() => {
    latest.current = { value, onChange, onSubmit, complete }
  })
  const readOnly = onChange === undefined

  useEffect(() => {
    const element = host.current
    if (!element) return
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' })
    const submit = () => {
      latest.current.onSubmit?.()
      return latest.current.onSubmit !== undefined
    }
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run: submit }])),
          language,
          lineNumbers(),
          foldGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          search({ top: true }),
          autocompletion({
            override: [(context) => latest.current.complete?.(context) ?? null],
            icons: false,
          }),
          keymap.of([
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...searchKeymap,
            ...historyKeymap,
            ...foldKeymap,
            ...defaultKeymap,
            indentWithTab,
          ]),
          EditorView.lineWrapping,
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged || update.transactions.some((one) => one.annotation(fromOutside))) return
            latest.current.onChange?.(update.state.doc.toString())
          }),
          editorLook,
        ],
      }),
    })
    view.current = editor
    return () => {
      editor.destroy()
      view.current = undefined
    }
  }, [label, language, readOnly])

  useEffect(() => {
    const editor = view.current
    if (!editor || editor.state.doc.toString() === value) return
    editor.dispatch({
      changes: changeBetween(editor.state.doc.toString(), value),
      annotations: fromOutside.of(true),
    })
  }, [value])

  useEffect(() => {
    const editor = view.current
    if (!editor) return
    const length = editor.state.doc.length
    const diagnostics = (remarks ?? []).map(({ from, to, severity, text }): Diagnostic => ({
      from: Math.min(from, length),
      to: Math.min(Math.max(from, to), length),
      severity,
      message: text,
    }))
    editor.dispatch(setDiagnostics(editor.state, diagnostics))
  }, [remarks, value])

  // Keys that are typed into a shadow root come out of its host.
  return <div className="code-editor" ref={host} data-typing="" />
}

/** The one stretch that differs, so that caret, folds and undo keep their places. */
export function changeBetween(before: string, after: string): { from: number; to: number; insert: string } {
  const shorter = Math.min(before.length, after.length)
  let from = 0
  while (from < shorter && before[from] === after[from]) from++
  let back = 0
  while (back < shorter - from && before[before.length - 1 - back] === after[after.length - 1 - back]) back++
  return { from, to: before.length - back, insert: after.slice(from, after.length - back) }
}
