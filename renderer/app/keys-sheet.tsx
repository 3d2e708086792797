/** All keys, in the groups of the commands; and those that belong to one pane. */
import { Keys } from '../ui/kit.tsx'
import { keyedCommands } from './commands.ts'
import { useModel } from './model.ts'
import { Overlay } from './overlay.tsx'

/** Keys that a pane handles itself, because they mean something only inside it. */
const paneKeys: readonly { readonly chords: readonly string[]; readonly title: string }[] = [
  { chords: ['arrowright'], title: 'Tree: open the field, or go into it' },
  { chords: ['arrowleft'], title: 'Tree: close the field, or go to the one above it' },
  { chords: ['enter'], title: 'Tree: show a long value whole, or fold it' },
  { chords: ['=', '!'], title: 'Tree: filter by the value of the field, or by any other' },
  { chords: ['&', '|'], title: 'Tree: add it to the filter with and, or with or' },
  { chords: ['tab'], title: 'Filter: take the completion' },
  { chords: ['arrowdown'], title: 'Empty filter: saved filters and those used before' },
  { chords: ['arrowup', 'arrowdown'], title: 'Bytes: one row of bytes up or down' },
  { chords: ['arrowleft', 'arrowright'], title: 'Bytes: previous or next byte' },
]

export function KeysSheet() {
  const model = useModel()
  const groups = [...new Set(keyedCommands.map((command) => command.group))]
  const sections: { title: string; lines: { title: string; chords: readonly string[] }[] }[] = [
    ...groups.map((group) => ({
      title: group,
      lines: keyedCommands
        .filter((command) => command.group === group)
        .map((command) => ({ title: command.title, chords: command.keys ?? [] })),
    })),
    { title: 'In a pane', lines: [...paneKeys] },
  ]
  return (
    <Overlay label="Keys" onClose={() => model.show('none')}>
      <div className="keys-sheet">
        {sections.map((section) => (
          <section key={section.title}>
            <h2>{section.title}</h2>
            <dl>
              {section.lines.map((line) => (
                <div key={line.title}>
                  <dt>{line.title}</dt>
                  <dd>
                    {line.chords.map((chord) => (
                      <Keys key={chord} chord={chord} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Overlay>
  )
}
