/** Whether a device is old for a kind of request, by the versions of USP that it told. */
import { compareVersions } from '../build-record.ts'
import { messageTable } from '../fields.ts'
import { requestFields, type RequestKind } from '../kinds.ts'

const FIRST = '1.0'

/** The version of USP that brought a kind of request. */
export const sinceOf = (kind: RequestKind): string =>
  messageTable['usp.Request']?.find(([, name]) => name === requestFields[kind])?.[4] ?? FIRST

/** Every device knows it. */
export const isOriginal = (kind: RequestKind): boolean => sinceOf(kind) === FIRST

interface Told {
  readonly supportedVersions?: readonly string[]
  readonly recordVersion?: string
}

/**
 * The newest version that a device told, where it is older than the kind; undefined where it knows the kind, or told
 * nothing. Its list of versions says more than the version of its Records.
 */
export function tooOldFor(kind: RequestKind, { supportedVersions, recordVersion }: Told): string | undefined {
  const told = supportedVersions?.length
    ? supportedVersions
    : recordVersion === undefined
      ? []
      : [recordVersion]
  const newest = [...told].sort(compareVersions).at(-1)
  return newest !== undefined && compareVersions(newest, sinceOf(kind)) < 0 ? newest : undefined
}
