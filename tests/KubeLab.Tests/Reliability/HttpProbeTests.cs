using System.Net.Sockets;
using System.Security.Authentication;
using KubeLab.Engine.Reliability.Load;
using KubeLab.Tests.Pipeline;
using KubeLab.Tests.Remote;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Reliability;

public sealed class HttpProbeTests
{
    public static TheoryData<string, string?> Responses => new()
    {
        { "200", null }, { "204", null }, { "399", null }, { "404", "Status404" }, { "503", "Status503" }, { "reset", "Reset" }, { "close", "Reset" },
        { "half", "Reset" }, { "garbage", "InvalidResponse" },
    };

    [Theory]
    [MemberData(nameof(Responses))]
    public async Task A_failure_has_a_reason(string response, string? reason)
    {
        using var server = new ControlledServer(response switch
        {
            "reset" => ControlledServer.Reset,
            "close" => ControlledServer.Raw("", closes: true),
            "half" => ControlledServer.Raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", closes: true),
            "garbage" => ControlledServer.Raw("garbage\r\n\r\n", closes: true),
            _ => ControlledServer.Answer(int.Parse(response, null)),
        });
        Assert.Equal(reason, (await ProbeAsync(server.Url)).Reason);
    }

    [Fact]
    public async Task A_refused_connection_and_a_missing_route_have_different_reasons()
    {
        Assert.Equal(FailureReason.Refused, (await ProbeAsync(new($"http://127.0.0.1:{Sshd.FreePort()}/"))).Reason);
        // TCP cannot connect to the broadcast address, so nothing is sent (ENETUNREACH, tcp(7)).
        Assert.Equal(FailureReason.Unreachable, (await ProbeAsync(new("http://255.255.255.255/"))).Reason);
    }

    [Fact]
    public async Task A_server_that_does_not_respond_times_out()
    {
        using var server = new ControlledServer(ControlledServer.Hang);
        using var http = Http(Expectation.Default);
        var (clock, limit) = (new FakeTimeProvider(), TimeSpan.FromSeconds(5));
        var probe = OpenLoad.ProbeAsync(new("web", stop => http.SendAsync(server.Url, stop)), limit, clock, default);
        await Sshd.UntilAsync(() => server.Requests == 1, "no request");
        clock.Advance(limit);

        Assert.Equal(FailureReason.TimedOut, (await probe.WaitAsync(Gates.Timeout)).Reason);
    }

    [Theory]
    [InlineData("", 302, "", null)]
    [InlineData("302", 302, "", null)]
    [InlineData("200", 302, "", "Status302")]
    [InlineData("404", 404, "", null)]
    [InlineData("200 Main", 200, "<h1>Main Page</h1>", null)]
    [InlineData("200 main", 200, "<h1>Main Page</h1>", "WrongContent")]
    [InlineData("Main Page", 200, "<h1>Main Page</h1>", null)]
    [InlineData("Main Error", 200, "<h1>Main Page</h1>", "WrongContent")]
    public async Task The_expected_response_is_a_status_and_texts(string expected, int status, string body, string? reason)
    {
        using var server = new ControlledServer(ControlledServer.Answer(status, body));
        var words = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int[] statuses = [.. words.Where(word => int.TryParse(word, out _)).Select(word => int.Parse(word, null))];

        var result = await ProbeAsync(server.Url, new(statuses, [.. words.Skip(statuses.Length)]));

        Assert.Equal((reason, status), (result.Reason, result.Status));
    }

    [Theory]
    [InlineData("straße", "utf-8", null)]
    [InlineData("straße", "iso-8859-1", "WrongContent")]
    [InlineData("straße", "unknown", null)]
    public async Task A_text_is_found_across_blocks_in_the_character_set_of_the_response(string text, string charset, string? reason)
    {
        var expectation = new Expectation([], [text]);
        for (var before = 16 * 1024 - 8; before < 16 * 1024 + 2; before++)
        {
            using var body = new MemoryStream([.. new byte[before], .. System.Text.Encoding.UTF8.GetBytes(text), 0]);
            using var content = new StreamContent(body);
            content.Headers.TryAddWithoutValidation("Content-Type", $"text/html; charset={charset}");
            Assert.Equal(reason, await expectation.JudgeAsync(body, HttpProbe.EncodingOf(content), default));
        }
    }

    [Fact]
    public async Task A_response_without_end_is_not_read_to_its_end()
    {
        using var server = new ControlledServer(async (_, client) =>
        {
            await client.SendAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
            while (true)
                await client.SendAsync(new byte[64 * 1024]);
        });
        Assert.Null((await ProbeAsync(server.Url)).Reason);
        Assert.Equal(FailureReason.WrongContent, (await ProbeAsync(server.Url, new([], ["text"]))).Reason);
    }

    [Fact]
    public async Task Redirects_are_followed_on_the_same_host_only()
    {
        using var other = new ControlledServer(ControlledServer.Answer(500));
        using var server = new ControlledServer((path, client) => (path switch
        {
            "/" => ControlledServer.Answer(301, headers: "Location: /page\r\n"),
            "/page" => ControlledServer.Answer(503),
            "/loop" => ControlledServer.Answer(302, headers: "Location: /loop\r\n"),
            _ => ControlledServer.Answer(302, headers: $"Location: {other.Url}\r\n"),
        })(path, client));

        Assert.Equal("Status503", (await ProbeAsync(server.Url)).Reason);
        Assert.Equal(new ProbeResult(null, 302), await ProbeAsync(new(server.Url, "/loop")));
        Assert.Equal(new ProbeResult(null, 302), await ProbeAsync(new(server.Url, "/elsewhere")));
        Assert.Equal(0, other.Connections);
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 1)]
    public async Task Connections_are_kept_unless_new_ones_are_wanted(bool areNew, int connections)
    {
        using var server = new ControlledServer(ControlledServer.Answer(200, "body"));
        using var http = new HttpProbe(Expectation.Default, Gates.Timeout, areNew, skipCertificateCheck: false);
        for (var request = 0; request < 3; request++)
            Assert.Null((await http.SendAsync(server.Url, default)).Reason);
        Assert.Equal(connections, server.Connections);
    }

    [Fact]
    public async Task A_port_without_HTTP_succeeds_if_it_accepts_a_connection()
    {
        using var server = new ControlledServer(ControlledServer.Hang);
        Assert.Null((await TcpProbe.ConnectAsync(server.Url, default)).Reason);
        await Assert.ThrowsAsync<SocketException>(() => TcpProbe.ConnectAsync(new($"tcp://127.0.0.1:{Sshd.FreePort()}"), default));
    }

    [Fact]
    public void Reasons_depend_on_types_and_codes()
    {
        static string Of(Exception error) => FailureReason.Of(new HttpRequestException("any", error));
        Assert.Equal("NameNotResolved", Of(new SocketException((int)SocketError.HostNotFound)));
        Assert.Equal("TimedOut", Of(new SocketException((int)SocketError.TimedOut)));
        Assert.Equal("Reset", Of(new IOException("any", new SocketException((int)SocketError.Shutdown))));
        Assert.Equal("NetworkReset", Of(new SocketException((int)SocketError.NetworkReset)));
        Assert.Equal("TlsFailed", Of(new AuthenticationException("any")));
        Assert.Equal("NameNotResolved", FailureReason.Of(new HttpRequestException(HttpRequestError.NameResolutionError)));
        Assert.Equal("PodNotFound", FailureReason.Of(new KlException(ErrorIds.PodNotFound, KlErrorKind.NotFound, "pod", "any")));
        Assert.Equal("Format", FailureReason.Of(new FormatException("any")));
        Assert.Equal("Exception", FailureReason.Of(new Exception("any")));
    }

    private static HttpProbe Http(Expectation expectation) => new(expectation, Gates.Timeout, newConnections: false, skipCertificateCheck: false);

    private static async Task<ProbeResult> ProbeAsync(Uri url, Expectation? expectation = null)
    {
        using var http = Http(expectation ?? Expectation.Default);
        return await OpenLoad.ProbeAsync(new("web", stop => http.SendAsync(url, stop)), Gates.Timeout, TimeProvider.System, default);
    }
}
