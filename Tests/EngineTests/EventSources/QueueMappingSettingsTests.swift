import Engine
import Testing

/// Settings of mappings as they are stored.
@Suite struct QueueMappingSettingsTests {
    @Test func settingsSurviveTheStore() {
        var settings = QueueMappingSettings()
        #expect(QueueMappingSettings(encoded: settings.encoded) == settings)
        settings.batchSize = 1_000
        settings.batchingWindow = .seconds(7)
        settings.reportsItemFailures = true
        settings.maximumConcurrency = 3
        settings.patterns = ["{\"body\": [\"ä\"]}"]
        #expect(QueueMappingSettings(encoded: settings.encoded) == settings)
    }
}
