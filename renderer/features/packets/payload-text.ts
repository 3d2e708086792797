/** A payload in the content view that was chosen for it. */
import { contentViews } from '../../../shared/dissect/content/views.ts'

export interface Payload {
  /** Absent in a packet that has none. */
  readonly payload?: Uint8Array
  /** The id of a content view. */
  readonly view?: string
}

const viewOf = (id: string | undefined) => contentViews.find((view) => view.id === id)

export const viewLabel = (id: string | undefined): string => viewOf(id)?.label ?? ''

/** Empty where there is none. */
export const payloadText = ({ view, payload }: Payload): string =>
  (payload && viewOf(view)?.text(payload)) ?? ''
