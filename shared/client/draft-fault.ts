/** Something that a person wrote cannot be sent. `place` names the field: `topic`, `payload`, `properties[2]`. */
export class DraftFault extends Error {
  readonly place: string
  constructor(place: string, text: string) {
    super(text)
    this.name = 'DraftFault'
    this.place = place
  }
}

/** Runs `read` so that whatever it throws is a fault at this place. */
export function at<T>(place: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof DraftFault && error.place !== '') throw error
    throw new DraftFault(place, (error as Error).message)
  }
}
