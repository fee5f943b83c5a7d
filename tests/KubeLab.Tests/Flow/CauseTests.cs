using System.Net.Sockets;
using System.Security.Authentication;
using KubeLab.Engine.Flow;

namespace KubeLab.Tests.Flow;

public sealed class CauseTests
{
    public static TheoryData<Exception, string> Errors() => new()
    {
        { new HttpRequestException("The SSL connection could not be established, see inner exception.", new AuthenticationException("Authentication failed, see inner exception.", new IOException("bad certificate"))), "bad certificate" },
        { new HttpRequestException("An error occurred while sending the request.", new IOException("Unable to read", new SocketException((int)SocketError.ConnectionReset))), new SocketException((int)SocketError.ConnectionReset).Message },
        { new HttpRequestException("Connection refused (127.0.0.1:1)", new IOException("Connection refused")), "Connection refused (127.0.0.1:1)" },
        { new AggregateException(new IOException("disk")), "disk" },
        { new IOException("plain"), "plain" },
        { new TimeoutException("no answer in 5 s", new TaskCanceledException("A task was canceled.")), "no answer in 5 s" },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void The_innermost_cause_is_said(Exception error, string said) => Assert.Equal(said, Cause.Said(error));
}
