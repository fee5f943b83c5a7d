using System.Text;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>The cloud-init configuration of a machine's first boot (cc_users_groups and cc_ssh): a user with the lab's key, and the host key.</summary>
internal static class CloudInit
{
    /// <summary>The user, independent of the image's default user.</summary>
    public const string User = "kubelab";

    /// <summary>The user_data for Nova, in Base64. It contains the host's private key.</summary>
    /// <param name="machine">The machine's name.</param>
    /// <param name="publicKey">The lab's public key, as a line of authorized_keys.</param>
    /// <param name="hostKey">The private host key, in OpenSSH's format.</param>
    /// <param name="hostPublicKey">The public host key, as in "ssh-ed25519 AAAA...".</param>
    public static string UserData(string machine, string publicKey, string hostKey, string hostPublicKey) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""
            #cloud-config
            hostname: {{machine}}
            manage_etc_hosts: true
            users:
              - default
              - name: {{User}}
                gecos: KubeLab
                shell: /bin/bash
                lock_passwd: true
                sudo: "ALL=(ALL) NOPASSWD:ALL"
                ssh_authorized_keys:
                  - {{publicKey}}
            ssh_deletekeys: true
            ssh_keys:
              ed25519_public: {{hostPublicKey}} {{machine}}
              ed25519_private: |
            {{string.Concat(hostKey.TrimEnd('\n').Split('\n').Select(line => $"    {line}\n"))}}
            """));
}
