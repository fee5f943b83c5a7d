using KubeLab.Engine.Flow;

namespace KubeLab.Tests.Flow;

public sealed class IoErrorTests
{
    [Theory]
    [InlineData(28, "the disk is full.")]
    [InlineData(30, "the file system is read-only.")]
    [InlineData(24, "this process has too many files open.")]
    [InlineData(5, "the disk reports an input or output error.")]
    public void A_number_becomes_words(int number, string words)
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(words, IoError.Words(new IOException($"Err {number}", number)));
    }

    [Fact]
    public void A_full_device_is_a_full_disk()
    {
        if (OperatingSystem.IsLinux())
            Assert.Equal("the disk is full.", IoError.Words(Assert.ThrowsAny<IOException>(() => File.WriteAllText("/dev/full", "a"))));
    }

    [Fact]
    public void What_is_not_of_the_file_system_says_what_it_says()
    {
        Assert.Equal("The connection was closed.", IoError.Words(new IOException("The connection was closed.")));
        Assert.Equal("x", IoError.Words(new InvalidOperationException("x")));
        Assert.Equal("access is denied.", IoError.Words(new UnauthorizedAccessException()));
        Assert.Equal("the name is too long.", IoError.Words(new PathTooLongException()));
    }
}
