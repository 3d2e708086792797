/** The shape of a response before it is a message. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ResponseSchema } from '../../../../shared/usp/gen/usp-msg_pb.ts'

export type ResponseInit = NonNullable<MessageInitShape<typeof ResponseSchema>['respType']>
export type ResponseCase = NonNullable<ResponseInit['case']>

/** The body of one kind of response. */
export type Init<C extends ResponseCase> = Body<Extract<ResponseInit, { case: C }>['value']>

/** Without the alternative that is a finished message. */
type Body<T> = T extends { $typeName: string; $unknown?: unknown } ? never : T
