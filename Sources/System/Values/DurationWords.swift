extension Duration {
    /// As Docker tells people how long something has lasted: `About a minute`, `3 weeks`; what is negative is nothing yet.
    package var inWords: String {
        let seconds = Int(clamping: components.seconds)
        let minutes = seconds / 60
        let hours = Int((Double(seconds) / 3600 + 0.5).rounded(.down))
        switch true {
        case seconds < 1: return "Less than a second"
        case seconds == 1: return "1 second"
        case seconds < 60: return "\(seconds) seconds"
        case minutes == 1: return "About a minute"
        case minutes < 60: return "\(minutes) minutes"
        case hours == 1: return "About an hour"
        case hours < 48: return "\(hours) hours"
        case hours < 24 * 14: return "\(hours / 24) days"
        case hours < 24 * 60: return "\(hours / 24 / 7) weeks"
        case hours < 24 * 365 * 2: return "\(hours / 24 / 30) months"
        default: return "\(seconds / 3600 / 24 / 365) years"
        }
    }
}
