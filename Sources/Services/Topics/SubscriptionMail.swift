/// The texts of mails, in AWS's words: people have filters that look for them.
enum SubscriptionMail {
    /// The subject of a request to confirm.
    static let confirmationSubject = "AWS Notification - Subscription Confirmation"
    /// The subject of messages that have none.
    static let notificationSubject = "AWS Notification Message"

    /// The text of a request to confirm.
    static func confirmation(_ links: SubscriptionLinks, token: String) -> String {
        """
        You have chosen to subscribe to the topic: 
        \(links.topicARN)

        To confirm this subscription, click or visit the link below (If this was in error no action is necessary): 
        \(links.confirm(token: token))

        Please do not reply directly to this email.

        """
    }

    /// The text of a message.
    static func notification(_ text: String, _ links: SubscriptionLinks) -> String {
        """
        \(text)

        --
        If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:
        \(links.unsubscribe)

        Please do not reply directly to this email.

        """
    }
}
