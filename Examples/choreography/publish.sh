#!/bin/sh
# publish.sh SERVICE EVENT ORDER [DETAIL-JSON]: what a service of the shop does when something has happened to an order.
#
#     ./publish.sh orders OrderPlaced 4711 '{"amount": 99}'
set -eu
[ $# -ge 3 ] || { echo "usage: $0 SERVICE EVENT ORDER [DETAIL-JSON]" >&2; exit 2; }
entry=$(python3 - "$@" <<'PYTHON'
import json, sys
service, event, order = sys.argv[1:4]
detail = {"order_id": order, **json.loads(sys.argv[4] if len(sys.argv) > 4 else "{}")}
print(json.dumps([{"EventBusName": "orders", "Source": f"shop.{service}", "DetailType": event, "Detail": json.dumps(detail)}]))
PYTHON
)
failed=$(aws events put-events --entries "$entry" --query FailedEntryCount --output text)
[ "$failed" = 0 ] || { echo "the bus did not take $2 of order $3" >&2; exit 1; }
