import APIServer
import Engine
import Integrations
import NIOPosix
import SMTPMail
import Services

extension ServerParts {
    /// What sends the mails and webhooks of subscriptions. Without a mail server mails wait for one.
    mutating func addMessengers() throws {
        let webhooks = WebhookClient()
        services.append(webhooks)
        deliveryPerformers.append(WebhookPerformer(client: webhooks))
        guard let configuration = core.settings.mail else {
            deliveryPerformers.append(MailPerformer())
            return
        }
        let sender = try MailSender(configuration: configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        deliveryPerformers.append(MailPerformer(sender: sender, configuration: configuration))
    }

    /// The SNS operations. Returns what publishes, for other parts.
    mutating func addTopics(deliveries: DeliveryQueue) -> TopicPublisher {
        let publisher = TopicPublisher(
            database: core.database, queues: queues, deliveries: deliveries, clock: engineClock, identifiers: core.identifiers,
            region: core.settings.api.region, logger: core.logger("topics"))
        TopicService(
            database: core.database, publisher: publisher, deliveries: deliveries, clock: engineClock,
            identifiers: core.identifiers, region: core.settings.api.region
        ).register(in: &registry)
        services.append(
            Pruner(
                database: core.database, clock: engineClock,
                rules: [
                    .inbox, .failedDeliveries, .unconfirmedSubscriptions, .topicDeduplication, .archivedEvents, .replays,
                ] + PruningRule.commands
                    + PruningRule.executions(retention: .seconds(core.settings.executionRetentionDays * 86_400)),
                hold: core.hold, logger: core.logger("pruner")))
        return publisher
    }
}
