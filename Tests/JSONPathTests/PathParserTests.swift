import JSONPath
import Testing
