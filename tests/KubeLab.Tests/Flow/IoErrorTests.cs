using KubeLab.Engine.Flow;

namespace KubeLab.Tests.Flow;

public sealed class IoErrorTests
{
    [Theory]
    [InlineData(28, "the disk is full.")]
    [InlineData(30, "the file system is read-only.")]
    [InlineData(24, "this process has too many open files.")]
    [InlineData(5, "the disk reported an input/output error.")]
    public void An_error_number_is_described(int number, string description)
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(description, IoError.Describe(new IOException($"Err {number}", number)));
    }

    [Fact]
    public void A_full_device_is_reported_as_a_full_disk()
    {
        if (OperatingSystem.IsLinux())
            Assert.Equal("the disk is full.", IoError.Describe(Assert.ThrowsAny<IOException>(() => File.WriteAllText("/dev/full", "a"))));
    }

    [Fact]
    public void Other_errors_keep_their_message()
    {
        Assert.Equal("The connection was closed.", IoError.Describe(new IOException("The connection was closed.")));
        Assert.Equal("x", IoError.Describe(new InvalidOperationException("x")));
        Assert.Equal("access is denied.", IoError.Describe(new UnauthorizedAccessException()));
        Assert.Equal("the name is too long.", IoError.Describe(new PathTooLongException()));
    }
}
