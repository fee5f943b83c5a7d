using System.Net.Sockets;
using System.Reflection;
using System.Security.Authentication;
using KubeLab.Engine.Flow;

namespace KubeLab.Tests.Flow;

public sealed class CauseTests
{
    public static TheoryData<Exception, KlErrorKind, string> Exceptions => new()
    {
        {
            new HttpRequestException(
                "The SSL connection could not be established, see inner exception.", new AuthenticationException("The certificate is not trusted.")),
            KlErrorKind.Denied, "a: the TLS connection failed: The certificate is not trusted."
        },
        {
            new HttpRequestException("An error occurred while sending the request.", new IOException("The response ended prematurely.")),
            KlErrorKind.Failed, "a: The response ended prematurely."
        },
        {
            new HttpRequestException("Connection refused (b:1)", new SocketException(111)),
            KlErrorKind.Unreachable, "a: the connection failed: Connection refused (b:1)"
        },
        {
            new AuthenticationException("Authentication failed, see inner exception.", new AggregateException(new IOException("No entropy."))),
            KlErrorKind.Failed, "a: No entropy."
        },
        { new TaskCanceledException(), KlErrorKind.Timeout, "a: no response before the timeout." },
        {
            new TaskCanceledException("The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.", new TimeoutException()),
            KlErrorKind.Timeout, "a: no response before the timeout."
        },
        { new UnauthorizedAccessException("Access to the path '/x' is denied."), KlErrorKind.Denied, "a: Access to the path '/x' is denied." },
        { new IOException("Err 28", 28), KlErrorKind.Failed, "a: the disk is full." },
        { new FileNotFoundException("Could not find file '/x'."), KlErrorKind.NotFound, "a: Could not find file '/x'." },
        {
            new TypeInitializationException("T", new TargetInvocationException(new NullReferenceException())),
            KlErrorKind.Unexpected, "a: KubeLab failed unexpectedly (NullReferenceException)."
        },
        { new FormatException("odd\e[2J"), KlErrorKind.Unexpected, "a: KubeLab failed unexpectedly (FormatException): odd^[[2J" },
        { new AggregateException(new KlException("X", KlErrorKind.Exists, "b", "known")), KlErrorKind.Exists, "known" },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void An_unexpected_exception_has_a_message_and_a_next_step(Exception error, KlErrorKind kind, string message)
    {
        var result = Cause.Of(error, "a");
        Assert.Equal((kind, message), (result.Kind, result.Message));
        Assert.True(result.NextStep is not null || result.ErrorId == "X");
    }

    [Fact]
    public void A_bug_is_reported_with_its_type() =>
        Assert.StartsWith(
            "a: KubeLab failed unexpectedly (NullReferenceException in KubeLab.Tests.Flow.CauseTests).",
            Cause.Of(Assert.Throws<NullReferenceException>(() => ((string?)null)!.Length), "a").Message, StringComparison.Ordinal);

    public static TheoryData<Exception, string> Errors() => new()
    {
        {
            new HttpRequestException(
                "The SSL connection could not be established, see inner exception.",
                new AuthenticationException("Authentication failed, see inner exception.", new IOException("bad certificate"))),
            "bad certificate"
        },
        {
            new HttpRequestException(
                "An error occurred while sending the request.", new IOException("Unable to read", new SocketException((int)SocketError.ConnectionReset))),
            new SocketException((int)SocketError.ConnectionReset).Message
        },
        { new HttpRequestException("Connection refused (127.0.0.1:1)", new IOException("Connection refused")), "Connection refused (127.0.0.1:1)" },
        { new AggregateException(new IOException("disk")), "disk" },
        { new IOException("plain"), "plain" },
        { new TimeoutException("no response within 5 s", new TaskCanceledException("A task was canceled.")), "no response within 5 s" },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void The_message_is_that_of_the_innermost_cause(Exception error, string message) => Assert.Equal(message, Cause.MessageOf(error));
}
