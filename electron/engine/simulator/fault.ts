/** What a request is refused with. */

export interface ParamFault {
  /** Full path in an Error, name in a Response. */
  readonly param: string
  readonly code: number
  readonly text: string
}

/** A USP error (TR-369, 3.7): the code for the program, the message for a person. */
export class UspFault extends Error {
  override readonly name = 'UspFault'
  readonly code: number
  readonly paramFaults: readonly ParamFault[]

  constructor(code: number, text: string, paramFaults: readonly ParamFault[] = []) {
    super(text)
    this.code = code
    this.paramFaults = paramFaults
  }
}

export const CODE = {
  messageNotSupported: 7001,
  requestDenied: 7002,
  invalidArguments: 7004,
  resourcesExceeded: 7005,
  invalidPathSyntax: 7008,
  unsupportedParameter: 7010,
  invalidType: 7011,
  invalidValue: 7012,
  notWriteable: 7013,
  objectDoesNotExist: 7016,
  notATable: 7018,
  notCreatable: 7019,
  requiredParameterFailed: 7021,
  canceled: 7023,
  deleteFailure: 7024,
  duplicateKey: 7025,
  invalidPath: 7026,
  invalidCommandArguments: 7027,
} as const

/** Runs `work`; answers its fault, or `undefined`. Anything but a fault is thrown on. */
export function faultOf(work: () => void): UspFault | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof UspFault) return error
    throw error
  }
}
