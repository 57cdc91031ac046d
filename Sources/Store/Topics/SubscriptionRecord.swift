package import TimeSource

/// A subscription as stored.
package struct SubscriptionRecord: Sendable, Hashable {
    /// Whether its endpoint has agreed to it.
    package enum State: String, Sendable, Hashable {
        case pending
        case confirmed
    }

    /// The last part of its ARN: a random UUID, which is all that an unsubscribe link needs.
    package let id: String
    /// The topic's id.
    package let topic: String
    /// The account, which is the topic's.
    package let account: String
    /// The topic's name.
    package let topicName: String
    /// How messages are delivered: `email`, `http`, `lambda` and so on.
    package let `protocol`: String
    /// To whom.
    package let endpoint: String
    /// Whether it was confirmed.
    package var state: State
    /// What confirms it; nil when nothing had to be confirmed.
    package var token: String?
    /// When the confirmation was asked for last.
    package var requestedAt: Timestamp
    /// Whether the confirmation was a signed request.
    package var wasAuthenticated: Bool
    /// Whether only signed requests may end it.
    package var requiresAuthentication: Bool
    /// The server's address as the subscriber wrote it, in which links to it begin.
    package let linkBase: String
    /// The attributes that were set, as a JSON object of texts.
    package var attributes: [UInt8]

    /// A subscription of these facts.
    package init(
        id: String, topic: String, account: String, topicName: String, protocol: String, endpoint: String, state: State,
        token: String?, requestedAt: Timestamp, wasAuthenticated: Bool, requiresAuthentication: Bool, linkBase: String, attributes: [UInt8]
    ) {
        self.id = id
        self.topic = topic
        self.account = account
        self.topicName = topicName
        self.protocol = `protocol`
        self.endpoint = endpoint
        self.state = state
        self.token = token
        self.requestedAt = requestedAt
        self.wasAuthenticated = wasAuthenticated
        self.requiresAuthentication = requiresAuthentication
        self.linkBase = linkBase
        self.attributes = attributes
    }
}
