/** Every command by name: type a few of its letters, Enter runs it. */
import { useId, useMemo, useState } from 'react'
import { Keys } from '../ui/kit.tsx'
import type { Command } from './command.ts'
import { availableCommands, runCommand } from './commands.ts'
import { fuzzy } from './fuzzy.ts'
import { useModel } from './model.ts'
import { Overlay } from './overlay.tsx'

interface Found {
  readonly command: Command
  readonly at: ReadonlySet<number>
}

/** Commands that match, best first; without a query all in their own order. */
export function search(commands: readonly Command[], query: string): Found[] {
  return commands
    .flatMap((command) => {
      const title = fuzzy(query, command.title)
      // A group finds its commands too, but a title found is worth more.
      const match = title ?? fuzzy(query, `${command.group} ${command.title}`)
      return match ? [{ command, at: new Set(title?.at), score: match.score - (title ? 0 : 20) }] : []
    })
    .sort((a, b) => (query.trim() ? b.score - a.score : 0))
}

export function Palette() {
  const model = useModel()
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState(0)
  const id = useId()
  const commands = useMemo(() => availableCommands(model), [model])
  const found = search(commands, query)
  const current = Math.min(chosen, found.length - 1)
  const close = () => model.show('none')
  const run = (command: Command | undefined) => {
    if (!command) return
    close()
    runCommand(command, model)
  }
  return (
    <Overlay label="Commands" onClose={close}>
      <input
        className="palette-input"
        autoFocus
        placeholder="Find a command"
        role="combobox"
        aria-label="Find a command"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={found[current] && `${id}-${current}`}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value)
          setChosen(0)
        }}
        onKeyDown={(event) => {
          const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
          if (by && found.length > 0) setChosen((current + by + found.length) % found.length)
          else if (event.key === 'Enter') run(found[current]?.command)
          else return
          event.preventDefault()
        }}
      />
      <ul className="palette-list" role="listbox" id={id} aria-label="Commands">
        {found.map(({ command, at }, index) => (
          <li
            key={command.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === current}
            ref={index === current ? (item) => item?.scrollIntoView({ block: 'nearest' }) : null}
            onPointerMove={() => setChosen(index)}
            onClick={() => run(command)}
          >
            <span className="palette-group">{command.group}</span>
            <span className="cut">
              {[...command.title].map((letter, place) =>
                at.has(place) ? <b key={place}>{letter}</b> : letter,
              )}
            </span>
            {command.keys?.[0] && <Keys chord={command.keys[0]} />}
          </li>
        ))}
        {found.length === 0 && <li className="dim">No command has these letters in this order.</li>}
      </ul>
    </Overlay>
  )
}
