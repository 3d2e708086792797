/**
 * A text editor (CodeMirror) for JSON and whatever language it is given. It lives in a shadow root: there it brings
 * its styles as adopted sheets, which `style-src 'self'` allows, where a style element would be refused.
 */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type Completion,
  type CompletionSource,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Annotation, EditorState, Prec, type Extension } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  hoverTooltip,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { changeBetween } from './change.ts'
import { markGutter, setMarks, type LineMark } from './marks.ts'
import { editorLook } from './theme.ts'

export type { LineMark }

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
  /** What is to be said of the word at a place. */
  readonly explain?: (text: string, at: number) => Explained | undefined
  /** Signs beside lines; a click on the place of one is told with the start of its line. */
  readonly marks?: readonly LineMark[]
  readonly onMark?: (lineStart: number) => void
  /** Long lines go on beyond the edge: where indents mean something, a wrapped line misleads. */
  readonly unwrapped?: boolean
  readonly onCaret?: (at: number) => void
  /** Brings a place into sight and puts the caret there, each time another is given. */
  readonly reveal?: { readonly at: number } | undefined
}

export interface Explained {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** What stands behind it is wanted at once. */
const leadsOn = ({ apply, label }: Completion): boolean =>
  /(?:: |\.)$/.test(typeof apply === 'string' ? apply : label)

const fromOutside = Annotation.define<true>()

export function CodeEditor(props: Props) {
  const { label, value, onChange, language, remarks, marks, reveal } = props
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  // Listeners are registered once and read what the last render knew.
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  const told = useRef<string>(undefined)
  const readOnly = onChange === undefined
  const hasMarks = marks !== undefined

  useEffect(() => {
    const element = host.current
    if (!element) return
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' })
    const submit = () => {
      latest.current.onSubmit?.()
      return latest.current.onSubmit !== undefined
    }
    const explainer = hoverTooltip((editor, at) => {
      const said = latest.current.explain?.(editor.state.doc.toString(), at)
      if (!said) return null
      const create = () => {
        const dom = document.createElement('div')
        dom.className = 'cm-explained'
        dom.textContent = said.text
        return { dom }
      }
      return { pos: said.from, end: said.to, above: true, create }
    })
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run: submit }])),
          language,
          ...(hasMarks
            ? [markGutter((lineStart) => latest.current.onMark?.(lineStart)), lintGutter(), explainer]
            : []),
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
            activateOnCompletion: leadsOn,
          }),
          keymap.of([
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...searchKeymap,
            ...historyKeymap,
            ...foldKeymap,
            ...lintKeymap,
            ...defaultKeymap,
            indentWithTab,
          ]),
          ...(latest.current.unwrapped ? [] : [EditorView.lineWrapping]),
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          EditorView.updateListener.of((update) => {
            if (update.selectionSet) latest.current.onCaret?.(update.state.selection.main.head)
            if (!update.docChanged || update.transactions.some((one) => one.annotation(fromOutside))) return
            told.current = update.state.doc.toString()
            latest.current.onChange?.(told.current)
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
  }, [label, language, readOnly, hasMarks])

  useEffect(() => {
    const editor = view.current
    // What comes back as it was told is there already; to compare it would cost as much as writing it.
    if (!editor || value === told.current || editor.state.doc.toString() === value) return
    told.current = undefined
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
  }, [remarks])

  useEffect(() => {
    view.current?.dispatch({ effects: setMarks.of(marks ?? []) })
  }, [marks])

  useEffect(() => {
    const editor = view.current
    if (!editor || !reveal) return
    const at = Math.min(reveal.at, editor.state.doc.length)
    editor.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) })
    editor.focus()
  }, [reveal])

  // Keys that are typed into a shadow root come out of its host.
  return <div className="code-editor" ref={host} data-typing="" />
}
