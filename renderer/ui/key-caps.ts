/** Chords as they stand on a keyboard. Pure. */

const names: Readonly<Record<string, string>> = {
  mod: 'Ctrl',
  shift: 'Shift',
  alt: 'Alt',
  arrowdown: '↓',
  arrowup: '↑',
  arrowleft: '←',
  arrowright: '→',
  pagedown: 'Page Down',
  pageup: 'Page Up',
  escape: 'Esc',
}

/** The keys of a chord as they stand on a keyboard: `mod+k` → `Ctrl`, `K`. */
export function keyCaps(chord: string, mac = false): string[] {
  return chord.split(/[ +]/).map((key) => {
    if (key === 'mod' && mac) return '⌘'
    const name = names[key] ?? (key.length > 1 ? key.charAt(0).toUpperCase() + key.slice(1) : key)
    return chord.includes('+') && name.length === 1 ? name.toUpperCase() : name
  })
}
