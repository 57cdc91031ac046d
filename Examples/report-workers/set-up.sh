#!/bin/sh
# Makes the two queues of report requests, the dead-letter queue of both, and the bucket for the reports. Safe to run again.
set -eu
# Version 1 of the AWS CLI takes no notice of AWS_ENDPOINT_URL for queues.
sqs() {
    aws ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} sqs "$@"
}

arn_of() {
    sqs get-queue-attributes --queue-url "$1" --attribute-names QueueArn --query Attributes.QueueArn --output text
}

dead=$(sqs create-queue --queue-name reports-failed --attributes MessageRetentionPeriod=1209600 --query QueueUrl --output text)
redrive=$(printf '{"RedrivePolicy": "{\\"deadLetterTargetArn\\": \\"%s\\", \\"maxReceiveCount\\": \\"3\\"}", "VisibilityTimeout": "60"}' "$(arn_of "$dead")")
for queue in reports-small reports-large; do
    url=$(sqs create-queue --queue-name "$queue" --query QueueUrl --output text)
    sqs set-queue-attributes --queue-url "$url" --attributes "$redrive"
done
aws s3api head-bucket --bucket reports 2>/dev/null || aws s3 mb s3://reports >/dev/null
echo "queues reports-small, reports-large and reports-failed; bucket reports"
